-- Migration 0002_change_primary_key, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: primary key is (tenant_id, code, part), which was (tenant_id, code)
--   notes.tags: new index tags_code_part_idx
--   notes.tags: index tags_code_idx dropped
--   notes.tags: new foreign key tags_code_part_fkey
--   notes.tags: foreign key tags_code_fkey dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (6 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (2 statements)
--   INDEX_DROPPED: makes queries slow that used the index (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (4 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."notes_pkey" RENAME TO "notes_pkey__old";

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
CREATE UNIQUE INDEX CONCURRENTLY "notes_pkey" ON "notes"."notes" ("tenant_id", "code", "part");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "tags_code_part_idx" ON "notes"."tags" ("tenant_id", "code", "part");

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_code_fkey";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_pkey__old", ADD CONSTRAINT "notes_pkey" PRIMARY KEY USING INDEX "notes_pkey";

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_code_part_fkey"
  FOREIGN KEY ("tenant_id", "code", "part") REFERENCES "notes"."notes" ("tenant_id", "code", "part") ON DELETE NO ACTION NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_code_part_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION
DROP INDEX CONCURRENTLY IF EXISTS "notes"."tags_code_idx";
