-- ListProducts {search: 'hammer' select { name: true }}
SELECT page."id", page."name", page."tenantry order 0" FROM (SELECT t.*, t.xmin, ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) AS "tenantry order 0" FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) ORDER BY ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) DESC, t."id" DESC LIMIT 64) AS page ORDER BY page."tenantry order 0" DESC, page."id" DESC LIMIT $3::bigint;

-- ListProducts {search: 'hammer' total: TOTAL_EXACT skip: 2 filter { is_active { eq: true } } select { name: true }}
SELECT page."id", page."name", page."tenantry order 0" FROM (SELECT t.*, t.xmin, ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $3::text))) AS "tenantry order 0" FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."is_active" = $2::boolean AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $3::text)) ORDER BY ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $3::text))) DESC, t."id" DESC LIMIT 64 OFFSET $5::bigint) AS page ORDER BY page."tenantry order 0" DESC, page."id" DESC LIMIT $4::bigint;
SELECT count(*) FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."is_active" = $2::boolean AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $3::text));

-- ListProducts {search: 'hammer' order_by { field: PRODUCT_FIELD_NAME } select { name: true }}
SELECT page."id", page."name" FROM (SELECT t.*, t.xmin FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) ORDER BY t."name", t."id" LIMIT 64) AS page ORDER BY page."name", page."id" LIMIT $3::bigint;

-- ListProducts {search: 'hammer' order_by { rank: true } order_by { field: PRODUCT_FIELD_CREATED_AT direction: DIRECTION_DESC } select { name: true }}
SELECT page."id", page."name", page."tenantry order 0", page."created_at" FROM (SELECT t.*, t.xmin, ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) AS "tenantry order 0" FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) ORDER BY ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) DESC, t."created_at" DESC, t."id" DESC LIMIT 64) AS page ORDER BY page."tenantry order 0" DESC, page."created_at" DESC, page."id" DESC LIMIT $3::bigint;

-- ListProducts, the page behind
SELECT page."id", page."name", page."tenantry order 0" FROM (SELECT t.*, t.xmin, ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) AS "tenantry order 0" FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) AND (ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))), t."id") < ($4::real, $5::uuid) ORDER BY ts_rank(t."search_vector", (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))) DESC, t."id" DESC LIMIT 64) AS page ORDER BY page."tenantry order 0" DESC, page."id" DESC LIMIT $3::bigint;

-- AggregateProducts {search: 'hammer' group_by { field: PRODUCT_FIELD_IS_ACTIVE }}
SELECT g.k0, g.m0 FROM (SELECT * FROM (SELECT t."is_active" AS k0, count(*) AS m0 FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) GROUP BY 1) AS g ORDER BY g.k0 LIMIT 64) AS g ORDER BY g.k0 LIMIT $3::bigint;

-- ExportProducts {search: 'hammer' select { name: true }}
SELECT t."id", t."name" FROM "saas"."products" AS t WHERE t."tenant_id" = $1::uuid AND t."search_vector" @@ (SELECT websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text)) ORDER BY t."id";

