-- Migration 0006_contact_summaries, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   saas.contact_summaries: new view

-- tenantry: in a transaction, statement timeout 1m

SET LOCAL search_path = "saas", pg_temp;

CREATE VIEW "saas"."contact_summaries" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."contact_id"::uuid AS "contact_id",
         v."order_count"::bigint AS "order_count",
         v."total_cents"::bigint AS "total_cents",
         v."last_order_at"::timestamptz AS "last_order_at"
  FROM (SELECT c.tenant_id, c.id AS contact_id, count(o.id) AS order_count,  coalesce(sum(o.total_cents), 0) AS total_cents, max(o.created_at) AS last_order_at FROM contacts AS c LEFT JOIN orders AS o  ON o.tenant_id = c.tenant_id AND o.contact_id = c.id AND o.status <> 'cancelled' GROUP BY c.tenant_id, c.id) AS v;

COMMENT ON VIEW "saas"."contact_summaries" IS 'saas.ContactSummary';

GRANT SELECT ON "saas"."contact_summaries" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;
