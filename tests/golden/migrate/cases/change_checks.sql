-- Migration 0002_change_checks, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: new check notes_n_check
--   notes.notes: new check odd
--   notes.notes: check notes_n_check__old dropped
--   notes.notes: check odd__old dropped
--   notes.notes: check gone dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (7 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (2 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (2 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_n_check" TO "notes_n_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "odd" TO "odd__old";

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_check" CHECK ("n" <= 50) NOT VALID;

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "odd" CHECK (n % 3 = 1) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "odd";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_n_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "odd__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "gone";
