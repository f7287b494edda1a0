-- Migration 0002_view_with_another_query, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.shorts: view with another query
--
-- Hazards:
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (1 statement)

-- tenantry: in a transaction, statement timeout 1m

SET LOCAL search_path = "notes", pg_temp;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE OR REPLACE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (WITH all_of_them AS (SELECT tenant_id, id, text, size FROM notes.notes) SELECT n.tenant_id, n.id, n.text, n.size FROM all_of_them AS n WHERE n.size >= 2) AS v;

SET LOCAL search_path TO DEFAULT;
