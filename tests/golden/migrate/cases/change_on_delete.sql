-- Migration 0002_change_on_delete, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.tags: new foreign key tags_note_id_fkey
--   notes.tags: foreign key tags_note_id_fkey__old dropped
--
-- Hazards:
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (6 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" RENAME CONSTRAINT "tags_note_id_fkey" TO "tags_note_id_fkey__old";

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_note_id_fkey"
  FOREIGN KEY ("tenant_id", "note_id") REFERENCES "notes"."notes" ("tenant_id", "id") ON DELETE SET NULL ("note_id") NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."tags" TO CURRENT_USER USING (true) WITH CHECK (true);

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_note_id_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_note_id_fkey__old";
