-- Migration 0002_retype_what_is_generated_from, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: type integer to bigint
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "twice";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "n" TYPE bigint;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "twice" bigint NOT NULL GENERATED ALWAYS AS (n::bigint * 2) STORED;
