-- Migration 0002_recompute_under_a_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.size: type integer to bigint
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (4 statements)

-- tenantry: in a transaction, statement timeout 6h

-- What it reads changes. It comes back behind that, and nobody can read it meanwhile.
-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorts";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "twice";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "size" TYPE bigint;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "twice" bigint NOT NULL GENERATED ALWAYS AS (2 * size) STORED;

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::bigint AS "size"
  FROM (SELECT id, tenant_id, text, twice AS size FROM notes) AS v;

COMMENT ON VIEW "notes"."shorts" IS 'notes.Short';

GRANT SELECT ON "notes"."shorts" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
