-- Migration 0002_drop_tables_that_refer_to_each_other, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.tags: new foreign key tags_note_id_fkey
--   notes.tags: foreign key tags_note_id_fkey__old dropped
--   notes.notes: table dropped
--   notes.lefts: table dropped
--   notes.rights: table dropped
--
-- Hazards:
--   DELETES_DATA: deletes data for good (3 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (4 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (3 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (9 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" RENAME CONSTRAINT "tags_note_id_fkey" TO "tags_note_id_fkey__old";

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_note_id_fkey"
  FOREIGN KEY ("tenant_id", "note_id") REFERENCES "notes"."tags" ("tenant_id", "id") ON DELETE NO ACTION NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."tags" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_note_id_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_note_id_fkey__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."lefts" DROP CONSTRAINT "lefts_right_id_fkey";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."rights" DROP CONSTRAINT "rights_left_id_fkey";

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TABLE "notes"."notes";

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TABLE "notes"."lefts";

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TABLE "notes"."rights";
