-- Migration 0002_search_another_field_of_the_name, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.text: new column
--   notes.notes.search_vector: is computed otherwise
--   notes.notes.text__old: column dropped: text has another number now, 3 instead of 2, and so it is another column
--
-- Hazards:
--   DELETES_DATA: deletes data for good (1 statement)
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (5 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "text" TO "text__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "search_vector";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "text" text;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "search_vector" tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, coalesce(left("text", 32768), ''))) STORED;

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "text__old";
