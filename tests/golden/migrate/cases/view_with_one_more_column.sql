-- Migration 0002_view_with_one_more_column, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.shorts: view with another query
--   notes.shorts.big: new column of a view
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
         v."size"::integer AS "size",
         v."big"::boolean AS "big"
  FROM (SELECT id, tenant_id, text, size, size > 5 AS big FROM notes) AS v;

SET LOCAL search_path TO DEFAULT;
