-- The schema tenantry: what policies and defaults call, and the ledger of migrations.
SET ROLE tenantry_owner;
SET client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS tenantry;
REVOKE ALL ON SCHEMA tenantry FROM PUBLIC;
GRANT USAGE ON SCHEMA tenantry TO authenticated, support, admin;

-- The tenant of the running transaction. NULL without one, so that a policy matches no row: after a commit the
-- setting reads as '', never set it reads as NULL. Plain SQL and STABLE: the planner inlines it and uses it in
-- an index condition.
CREATE OR REPLACE FUNCTION tenantry.tenant_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits. gen_random_uuid() brings version
-- 4 and the variant; two more bits make the 4 a 7.
CREATE OR REPLACE FUNCTION tenantry.uuidv7() RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$
    SELECT encode(set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
              PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
  $$;

-- ULID: 48 bits of Unix milliseconds and 80 random ones, in 26 letters of Crockford's base 32. The first six bytes of a
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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenantry FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenantry.tenant_id(), tenantry.uuidv7(), tenantry.ulid()
  TO authenticated, support, admin;

-- What has been applied to this database. A name is applied once; its up.sql may not change after.
CREATE TABLE IF NOT EXISTS tenantry.migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,  -- SHA-256 of up.sql
  sections_done integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,  -- NULL: stopped half-way, to be gone on with
  applied_by text NOT NULL DEFAULT session_user
);

RESET client_min_messages;
RESET ROLE;
