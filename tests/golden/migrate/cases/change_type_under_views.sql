-- Migration 0002_change_type_under_views, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.size: type integer to text
--   notes.shorts: view with another query
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (3 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)

-- tenantry: in a transaction, statement timeout 6h

-- What it reads changes. It comes back behind that, and nobody can read it meanwhile.
-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorters";

-- What it reads changes. It comes back behind that, and nobody can read it meanwhile.
-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorts";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "size" TYPE text USING "size"::text;

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (SELECT id, tenant_id, text, length(size) AS size FROM notes) AS v;

COMMENT ON VIEW "notes"."shorts" IS 'notes.Short';

GRANT SELECT ON "notes"."shorts" TO "authenticated", "support", "admin";

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorters" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text"
  FROM (SELECT tenant_id, id, text FROM shorts) AS v;

COMMENT ON VIEW "notes"."shorters" IS 'notes.Shorter';

GRANT SELECT ON "notes"."shorters" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
