-- What keep_rows has kept of a request of today or yesterday, in the order of its statements.
CREATE OR REPLACE FUNCTION tenantry.kept_rows(uuid) RETURNS TABLE (fingerprint bytea, layout bigint, rows bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    DECLARE
      today constant bigint := floor(extract(epoch FROM now()) / 86400);
    BEGIN
      RETURN QUERY SELECT r.fingerprint, r.layout, r.rows FROM tenantry.requests r
        WHERE r.tenant_id = tenantry.tenant_id() AND r.request_id = $1 AND r.day IN (today % 3, (today - 1) % 3)
        ORDER BY r.statement;
    END
  $$;
