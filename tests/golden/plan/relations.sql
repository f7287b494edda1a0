-- an order, its contact, its address, its items with their products
SELECT t."id", t."status", t1."tenant_id" IS NOT NULL, t1."name", t2."tenant_id" IS NOT NULL, t2."city", ARRAY(SELECT ROW(t3."id", t3."quantity", t4."tenant_id" IS NOT NULL, t4."name", t4."tags") FROM "saas"."order_items" AS t3 LEFT JOIN "saas"."products" AS t4 ON t4."tenant_id" = $1::uuid AND t4."id" = t3."product_id" WHERE t3."tenant_id" = $1::uuid AND t3."order_id" = t."id" ORDER BY t3."id") FROM "saas"."orders" AS t LEFT JOIN "saas"."contacts" AS t1 ON t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id" LEFT JOIN "saas"."addresses" AS t2 ON t2."tenant_id" = $1::uuid AND t2."id" = t."shipping_address_id" WHERE t."tenant_id" = $1::uuid AND t."id" = $2::uuid;

-- a page of contacts, with pages of their orders, with pages of the items of these
SELECT page."id", page."name", ARRAY(SELECT ROW(page1."created_at", ARRAY(SELECT ROW(page2."quantity") FROM (SELECT * FROM "saas"."order_items" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."order_id" = page1."id" AND t2."price_cents" >= $5::integer ORDER BY t2."id" LIMIT 64) AS page2 ORDER BY page2."id" LIMIT $4::bigint)) FROM (SELECT * FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = page."id" ORDER BY t1."created_at" DESC, t1."id" DESC LIMIT 64) AS page1 ORDER BY page1."created_at" DESC, page1."id" DESC LIMIT $3::bigint) FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL ORDER BY t."id" LIMIT 64) AS page ORDER BY page."id" LIMIT $2::bigint;

-- a page of contacts that ends by bytes, with their addresses
SELECT page."id", page."name", ARRAY(SELECT ROW(t1."city") FROM "saas"."addresses" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = page."id"), page."tenantry total" >= 1000 FROM (SELECT page.*, sum(coalesce(octet_length(page."notes"), 0)::bigint + coalesce(pg_column_size(page."metadata") * CASE WHEN pg_column_compression(page."metadata") IS NULL THEN 1 ELSE 4 END, 0)::bigint) OVER ( ORDER BY page."id" ROWS UNBOUNDED PRECEDING) AS "tenantry total" FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL ORDER BY t."id" LIMIT 64) AS page) AS page WHERE page."tenantry total" - (coalesce(octet_length(page."notes"), 0)::bigint + coalesce(pg_column_size(page."metadata") * CASE WHEN pg_column_compression(page."metadata") IS NULL THEN 1 ELSE 4 END, 0)::bigint) < 1000 ORDER BY page."id" LIMIT $2::bigint;

-- orders by their keys, with contact and items
SELECT t."id", t1."tenant_id" IS NOT NULL, t1."name", ARRAY(SELECT ROW(t2."id") FROM "saas"."order_items" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."order_id" = t."id") FROM unnest($2::uuid[]) WITH ORDINALITY AS k (k0, position) LEFT JOIN "saas"."orders" AS t ON t."tenant_id" = $1::uuid AND t."id" = k.k0 LEFT JOIN "saas"."contacts" AS t1 ON t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id" ORDER BY k.position;

-- a page of contacts with their addresses and what their orders come to
SELECT page."id", ARRAY(SELECT ROW(t1."city") FROM "saas"."addresses" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = page."id"), (SELECT ROW(count(*) FILTER (WHERE true AND t2."total_cents" >= $3::integer), sum(t2."total_cents"), avg(t2."total_cents")::text) FROM "saas"."orders" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."contact_id" = page."id") FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL ORDER BY t."id" LIMIT 64) AS page ORDER BY page."id" LIMIT $2::bigint;

-- items with the contact of their order, deleted or not, and the addresses of that
SELECT t."id", t1."tenant_id" IS NOT NULL, t2."tenant_id" IS NOT NULL, t2."name", ARRAY(SELECT ROW(t3."city") FROM "saas"."addresses" AS t3 WHERE t3."tenant_id" = $1::uuid AND t3."contact_id" = t2."id") FROM "saas"."order_items" AS t LEFT JOIN "saas"."orders" AS t1 ON t1."tenant_id" = $1::uuid AND t1."id" = t."order_id" LEFT JOIN "saas"."contacts" AS t2 ON t2."tenant_id" = $1::uuid AND t2."id" = t1."contact_id" WHERE t."tenant_id" = $1::uuid;

-- contacts that ordered so many of a thing, and have no address
SELECT t."id" FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id" AND EXISTS (SELECT 1 FROM "saas"."order_items" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."order_id" = t1."id" AND t2."quantity" >= $2::integer)) AND NOT (EXISTS (SELECT 1 FROM "saas"."addresses" AS t3 WHERE t3."tenant_id" = $1::uuid AND t3."contact_id" = t."id"));

-- addresses, with their contact if it has an email address
SELECT t."id", t1."tenant_id" IS NOT NULL, t1."name" FROM "saas"."addresses" AS t LEFT JOIN "saas"."contacts" AS t1 ON t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id" AND NOT (t1."email" IS NULL) WHERE t."tenant_id" = $1::uuid;

-- an update of the contacts that ordered nothing
UPDATE "saas"."contacts" AS t SET "is_active" = $2::boolean WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND NOT (EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id")) RETURNING t."id";

-- a delete of the orders of deleted contacts
DELETE FROM "saas"."orders" AS t WHERE t."tenant_id" = $1::uuid AND NOT (EXISTS (SELECT 1 FROM "saas"."contacts" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id")) RETURNING 1;

