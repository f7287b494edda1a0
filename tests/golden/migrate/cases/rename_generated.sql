-- Migration 0002_rename_generated, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.body: column renamed from text
--   notes.notes.length: column renamed from size
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "text" TO "body";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "size" TO "length";
