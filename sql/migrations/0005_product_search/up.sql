-- Migration 0005_product_search, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   saas.products.search_vector: new column
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (1 statement)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "saas"."products" ADD COLUMN "search_vector" tsvector GENERATED ALWAYS AS (setweight(to_tsvector('pg_catalog.english'::regconfig, coalesce("name", '')), 'A') || setweight(to_tsvector('pg_catalog.english'::regconfig, coalesce(left("description", 32768), '')), 'C')) STORED;
