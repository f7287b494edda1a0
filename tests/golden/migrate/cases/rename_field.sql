-- Migration 0002_rename_field, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: unique key renamed from notes_text_key
--   notes.notes: index renamed from notes_text_idx
--   notes.notes.body: column renamed from text
--   notes.notes: check renamed from notes_text_check
--   notes.notes: check renamed from notes_short
--   notes.notes: policy renamed from own
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (4 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."notes_text_key" RENAME TO "notes_body_key";

ALTER INDEX "notes"."notes_text_idx" RENAME TO "notes_body_idx";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "text" TO "body";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_text_check" TO "notes_body_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_short" TO "notes_brief";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "own" ON "notes"."notes" RENAME TO "mine";
