-- Migration 0002_change_type_of_a_reference, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.code: type integer to text
--   notes.tags.code: type integer to text
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (7 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_code_fkey";

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "code" TYPE text USING "code"::text;

-- Hazards: REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."tags" ALTER COLUMN "code" TYPE text USING "code"::text;

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_code_fkey"
  FOREIGN KEY ("tenant_id", "code") REFERENCES "notes"."notes" ("tenant_id", "code") ON DELETE NO ACTION NOT VALID;

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
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_code_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";
