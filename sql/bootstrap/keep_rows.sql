-- Called once by each statement of a write with a request_id: what the reply is made of ($5) is kept with what the
-- statement writes. $1 and $2: as in claim_request. $3: which statement it is. $4: the layout of the rows.
CREATE OR REPLACE FUNCTION tenantry.keep_rows(uuid, bytea, bigint, bigint, bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    BEGIN
      INSERT INTO tenantry.requests (tenant_id, request_id, statement, day, fingerprint, layout, rows)
        VALUES (tenantry.tenant_id(), $1, $3, floor(extract(epoch FROM now()) / 86400)::bigint % 3, $2, $4, $5);
      RETURN true;
    END
  $$;
