-- Migration 0002_rename_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.briefs: view renamed from notes.shorts
--   notes.briefs: its message is notes.Brief, which was notes.Short
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorts";

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."briefs" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (SELECT id, tenant_id, text, size FROM notes WHERE size > 1) AS v;

COMMENT ON VIEW "notes"."briefs" IS 'notes.Brief';

GRANT SELECT ON "notes"."briefs" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
