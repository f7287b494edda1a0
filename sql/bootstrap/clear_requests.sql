-- Empties the table of requests that neither today's nor yesterday's requests are in. False: it was empty. Waits
-- for a tenth of a second at most, since writes wait behind it.
CREATE OR REPLACE FUNCTION tenantry.clear_requests() RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
  AS $$
    DECLARE
      old constant text := format('tenantry.requests_%s', (floor(extract(epoch FROM now()) / 86400)::bigint + 1) % 3);
    BEGIN
      IF pg_relation_size(old::regclass) = 0 THEN
        RETURN false;
      END IF;
      EXECUTE format('TRUNCATE %s', old);
      RETURN true;
    END
  $$;
