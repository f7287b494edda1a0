-- The first statement of a write with a request_id ($1). It refuses (server/base/sqlstate.h) when the tenant has had that
-- id: TN010 when the same request ($2, its fingerprint) was done, TN009 when it was another. The lock makes two that come
-- at the same time run one after the other; it ends with the transaction. Everybody sees their own tenant's requests alone.
CREATE OR REPLACE FUNCTION tenantry.claim_request(uuid, bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    DECLARE
      tenant constant uuid := tenantry.tenant_id();
      today constant bigint := floor(extract(epoch FROM now()) / 86400);
      known bytea;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(tenant::text || $1::text, 0));
      SELECT r.fingerprint INTO known FROM tenantry.requests r
        WHERE r.tenant_id = tenant AND r.request_id = $1 AND r.day IN (today % 3, (today - 1) % 3) LIMIT 1;
      IF NOT FOUND THEN
        RETURN true;
      END IF;
      RAISE EXCEPTION 'the request_id was used before'
        USING ERRCODE = CASE WHEN known = $2 THEN 'TN010' ELSE 'TN009' END;
    END
  $$;
