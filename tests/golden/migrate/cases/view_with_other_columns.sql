-- Migration 0002_view_with_other_columns, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.shorts: view with another query
--   notes.shorts.words: column renamed from text
--   notes.shorts.size: column of a view dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorts";

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."words"::text AS "words"
  FROM (SELECT id, tenant_id, text AS words FROM notes) AS v;

COMMENT ON VIEW "notes"."shorts" IS 'notes.Short';

GRANT SELECT ON "notes"."shorts" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
