-- Migration 0002_rename_what_is_searched, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.more: column renamed from text
--   notes.notes.text: column renamed from more
--   notes.notes.words: column renamed from search_vector
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (4 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (4 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "search_vector" TO "words";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "text" TO "text__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "more" TO "text";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "text__old" TO "more";
