-- ULID: 48 bits of Unix milliseconds and 80 random bits, as 26 letters of Crockford's base 32. The first six bytes of a
-- random UUID hold no fixed bits.
CREATE OR REPLACE FUNCTION tenantry.ulid() RETURNS text
  LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$
    WITH value AS MATERIALIZED (
      SELECT B'00' || ('x' || encode(
        substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          || substring(uuid_send(gen_random_uuid()) FROM 1 FOR 6)
          || substring(uuid_send(gen_random_uuid()) FROM 1 FOR 4), 'hex'))::bit(128) AS bits)
    SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                             1 + substring(bits FROM 5 * place + 1 FOR 5)::int, 1), '' ORDER BY place)
    FROM value, generate_series(0, 25) AS place
  $$;
