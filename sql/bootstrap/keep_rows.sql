-- Called once by each statement of a write with a request_id ($1): what the reply is made of ($5) is kept with what the
-- statement writes. $2: the fingerprint of the request. $3: which statement it is. $4: the layout of the rows. It refuses
-- (server/base/sqlstate.h) when the tenant has had the id today or yesterday: of two that come at the same time, the second
-- waits here for the first. Around midnight they may look for each other in different tables, so they wait at a lock.
CREATE OR REPLACE FUNCTION tenantry.keep_rows(uuid, bytea, bigint, bigint, bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    DECLARE
      tenant constant uuid := tenantry.tenant_id();
      second constant bigint := floor(extract(epoch FROM now()));
      day constant bigint := second / 86400 % 3;
    BEGIN
      IF second % 86400 NOT BETWEEN 300 AND 86100 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(tenant::text || $1::text, 0));
      END IF;
      IF day = 0 THEN
        INSERT INTO tenantry.requests_0 (tenant_id, request_id, fingerprint, statement, layout, rows)
          SELECT tenant, $1, $2, $3, $4, $5
          WHERE NOT EXISTS (SELECT FROM tenantry.requests_2 r WHERE r.tenant_id = tenant AND r.request_id = $1)
          ON CONFLICT DO NOTHING;
      ELSIF day = 1 THEN
        INSERT INTO tenantry.requests_1 (tenant_id, request_id, fingerprint, statement, layout, rows)
          SELECT tenant, $1, $2, $3, $4, $5
          WHERE NOT EXISTS (SELECT FROM tenantry.requests_0 r WHERE r.tenant_id = tenant AND r.request_id = $1)
          ON CONFLICT DO NOTHING;
      ELSE
        INSERT INTO tenantry.requests_2 (tenant_id, request_id, fingerprint, statement, layout, rows)
          SELECT tenant, $1, $2, $3, $4, $5
          WHERE NOT EXISTS (SELECT FROM tenantry.requests_1 r WHERE r.tenant_id = tenant AND r.request_id = $1)
          ON CONFLICT DO NOTHING;
      END IF;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'the request_id was used before' USING ERRCODE = 'TN010';
      END IF;
      RETURN true;
    END
  $$;
