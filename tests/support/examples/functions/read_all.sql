UPDATE notifications AS n SET read_at = now()
  WHERE n.tenant_id = p_tenant_id AND n.account_id = p_account_id AND n.read_at IS NULL
