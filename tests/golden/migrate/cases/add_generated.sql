-- Migration 0002_add_generated, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: new column
--   notes.notes.size: new column
--   notes.notes.twice: new column
--   notes.notes: new index notes_size_idx
--   notes.notes: new check notes_size
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (4 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (2 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "n" integer NOT NULL DEFAULT 5;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "size" integer NOT NULL GENERATED ALWAYS AS (length(text) + n) STORED;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "twice" integer GENERATED ALWAYS AS (length(text) * 2) STORED;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_size" CHECK (size < 99) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "notes_size_idx" ON "notes"."notes" ("tenant_id", "size");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_size";
