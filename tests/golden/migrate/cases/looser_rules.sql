-- Migration 0002_looser_rules, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: new unique key notes_n_text_key
--   notes.notes: new check notes_n_check
--   notes.notes: new check notes_text_check
--   notes.notes: check notes_n_check__old dropped
--   notes.notes: check notes_text_check__old dropped
--
-- Hazards:
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (6 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (2 statements)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (3 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_n_check" TO "notes_n_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_text_check" TO "notes_text_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_check" CHECK ("n" >= -5 AND "n" <= 60) NOT VALID;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_text_check" CHECK (char_length("text") >= 1) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "notes_n_text_key" ON "notes"."notes" ("tenant_id", "n", "text");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_text_check";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_n_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_text_check__old";
