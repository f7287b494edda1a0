-- Migration 0002_soft_delete, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.gone_at: new column
--   notes.notes: new unique key notes_text_key
--   notes.notes: unique key notes_text_key__old dropped
--   notes.notes: new check notes_gone_at_check
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   INDEX_DROPPED: makes queries slow that used the index (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (3 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."notes_text_key" RENAME TO "notes_text_key__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "gone_at" timestamptz;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_gone_at_check" CHECK ("gone_at" >= '0001-01-01 00:00:00+00' AND "gone_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "notes_text_key" ON "notes"."notes" ("tenant_id", "text") WHERE "gone_at" IS NULL;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_gone_at_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Servers of the old schema can upsert by this key no more.
-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION, BREAKS_OLD_SERVERS
DROP INDEX CONCURRENTLY IF EXISTS "notes"."notes_text_key__old";
