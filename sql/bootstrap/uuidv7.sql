-- UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits. gen_random_uuid() gives version 4
-- and the variant; two more bits turn the 4 into a 7.
CREATE OR REPLACE FUNCTION tenantry.uuidv7() RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$
    SELECT encode(set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
              PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
  $$;
