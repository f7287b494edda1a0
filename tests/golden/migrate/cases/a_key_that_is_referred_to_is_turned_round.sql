-- Migration 0002_a_key_that_is_referred_to_is_turned_round, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: new unique key k
--   notes.notes: unique key k__old dropped
--   notes.tags: new index tags_b_a_idx
--   notes.tags: index tags_a_b_idx dropped
--   notes.tags: new foreign key tags_b_a_fkey
--   notes.tags: foreign key tags_a_b_fkey dropped
--
-- Hazards:
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (6 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (2 statements)
--   INDEX_DROPPED: makes queries slow that used the index (2 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (4 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."k" RENAME TO "k__old";

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."tags" TO CURRENT_USER USING (true) WITH CHECK (true);

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "k" ON "notes"."notes" ("tenant_id", "b", "a");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "tags_b_a_idx" ON "notes"."tags" ("tenant_id", "b", "a");

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_a_b_fkey";

-- Hazards: INDEX_DROPPED, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP INDEX "notes"."k__old";

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_b_a_fkey"
  FOREIGN KEY ("tenant_id", "b", "a") REFERENCES "notes"."notes" ("tenant_id", "b", "a") ON DELETE NO ACTION NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_b_a_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION
DROP INDEX CONCURRENTLY IF EXISTS "notes"."tags_a_b_idx";
