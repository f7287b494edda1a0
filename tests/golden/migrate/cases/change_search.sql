-- Migration 0002_change_search, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.search_vector: is computed otherwise
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "search_vector";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "search_vector" tsvector GENERATED ALWAYS AS (setweight(to_tsvector('pg_catalog.english'::regconfig, coalesce(left("text", 32768), '')), 'B') || to_tsvector('pg_catalog.english'::regconfig, coalesce(left("more", 32768), ''))) STORED;
