-- Migration 0002_generate_what_was_given, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.size: is computed by the database, and what it held goes
--
-- Hazards:
--   DELETES_DATA: deletes data for good (1 statement)
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "size";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "size" integer NOT NULL GENERATED ALWAYS AS (length(text)) STORED;
