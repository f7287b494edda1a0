-- Migration 0002_rename_and_type, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: unique key renamed from notes_n_key
--   notes.notes.size: column renamed from n
--   notes.notes.size: type integer to bigint, beside the old column
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (9 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (2 statements)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (4 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."notes_n_key" RENAME TO "notes_size_key";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "n" TO "size";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "size__new" bigint;

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
CREATE FUNCTION "notes"."notes__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."size__new" := NEW."size";
  RETURN NEW;
END $$;

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."notes"
  FOR EACH ROW EXECUTE FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_size_in_step" CHECK ("size__new" IS NOT DISTINCT FROM ("size")::bigint) NOT VALID,
  ADD CONSTRAINT "notes_size_not_null" CHECK ("size__new" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."notes"
  SET "size__new" = "size"
  WHERE ctid >= $1 AND ctid < $2
    AND ("size__new" IS DISTINCT FROM ("size")::bigint);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_size_in_step",
  VALIDATE CONSTRAINT "notes_size_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "notes_size_key__new" ON "notes"."notes" ("tenant_id", "size__new");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."notes" ("size__new");

-- tenantry: in a transaction, statement timeout 1m

-- The switch.
-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."notes";

DROP FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "size__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_size_not_null",
  DROP CONSTRAINT "notes_size_in_step",
  DROP COLUMN "size";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "size__new" TO "size";

ALTER INDEX "notes"."notes_size_key__new" RENAME TO "notes_size_key";
