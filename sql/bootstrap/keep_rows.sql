-- Called once by each statement of a write with a request_id: what the reply is made of ($5) is kept with what the
-- statement writes. $1 and $2: as in claim_request. $3: which statement it is. $4: the layout of the rows.
CREATE OR REPLACE FUNCTION tenantry.keep_rows(uuid, bytea, bigint, bigint, bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    DECLARE
      day constant bigint := floor(extract(epoch FROM now()) / 86400)::bigint % 3;
    BEGIN
      IF day = 0 THEN
        INSERT INTO tenantry.requests_0 (tenant_id, request_id, fingerprint, statement, layout, rows)
          VALUES (tenantry.tenant_id(), $1, $2, $3, $4, $5);
      ELSIF day = 1 THEN
        INSERT INTO tenantry.requests_1 (tenant_id, request_id, fingerprint, statement, layout, rows)
          VALUES (tenantry.tenant_id(), $1, $2, $3, $4, $5);
      ELSE
        INSERT INTO tenantry.requests_2 (tenant_id, request_id, fingerprint, statement, layout, rows)
          VALUES (tenantry.tenant_id(), $1, $2, $3, $4, $5);
      END IF;
      RETURN true;
    END
  $$;
