-- Migration 0002_drop_column_under_a_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.size: column dropped
--   notes.shorts: view with another query
--
-- Hazards:
--   DELETES_DATA: deletes data for good (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 1m

SET LOCAL search_path = "notes", pg_temp;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE OR REPLACE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (SELECT id, tenant_id, text, length(text) AS size FROM notes) AS v;

SET LOCAL search_path TO DEFAULT;

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "size";
