-- Migration 0002_retype_what_is_searched, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.text: type varchar(5) to varchar(9)
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "search_vector";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "text" TYPE varchar(9);

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "search_vector" tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, coalesce("text", '')) || to_tsvector('pg_catalog.simple'::regconfig, coalesce(left("more", 32768), ''))) STORED;
