-- Migration 0002_new_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.shorts: new view

-- tenantry: in a transaction, statement timeout 1m

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (SELECT id, tenant_id, text, size FROM notes WHERE size > 1) AS v;

COMMENT ON VIEW "notes"."shorts" IS 'notes.Short';

GRANT SELECT ON "notes"."shorts" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
