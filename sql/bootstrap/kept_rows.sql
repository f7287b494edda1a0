-- What keep_rows has kept of a request, in the order of its statements.
CREATE OR REPLACE FUNCTION tenantry.kept_rows(uuid) RETURNS TABLE (layout bigint, rows bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    BEGIN
      RETURN QUERY SELECT r.layout, r.rows FROM tenantry.requests r
        WHERE r.tenant_id = tenantry.tenant_id() AND r.request_id = $1 ORDER BY r.statement;
    END
  $$;
