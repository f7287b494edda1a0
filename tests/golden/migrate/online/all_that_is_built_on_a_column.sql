-- Migration 0002_all_that_is_built_on_a_column, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: type integer to bigint, beside the old column
--   notes.notes.gone: type integer to text, beside the old column
--   notes.notes.gone: allows NULL
--   notes.notes: index notes_gone_idx dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (17 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (4 statements)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (3 statements)
--   INDEX_DROPPED: makes queries slow that used the index (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (9 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "n__new" bigint;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "gone__new" text;

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
CREATE FUNCTION "notes"."notes__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."n__new" := NEW."n";
  NEW."gone__new" := NEW."gone"::text;
  RETURN NEW;
END $$;

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."notes"
  FOR EACH ROW EXECUTE FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_in_step" CHECK ("n__new" IS NOT DISTINCT FROM ("n")::bigint) NOT VALID,
  ADD CONSTRAINT "notes_n_not_null" CHECK ("n__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_gone_in_step" CHECK ("gone__new" IS NOT DISTINCT FROM ("gone"::text)::text) NOT VALID,
  ADD CONSTRAINT "notes_gone_not_null" CHECK ("gone__new" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."notes"
  SET "n__new" = "n",
    "gone__new" = "gone"::text
  WHERE ctid >= $1 AND ctid < $2
    AND ("n__new" IS DISTINCT FROM ("n")::bigint
      OR "gone__new" IS DISTINCT FROM ("gone"::text)::text);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_in_step",
  VALIDATE CONSTRAINT "notes_n_not_null",
  VALIDATE CONSTRAINT "notes_gone_in_step",
  VALIDATE CONSTRAINT "notes_gone_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_check__new" CHECK ("n__new" >= 0) NOT VALID;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "small__new" CHECK ("n__new" < 99) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "notes_n_text_key__new" ON "notes"."notes" ("tenant_id", "n__new", "text");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "notes_n_idx__new" ON "notes"."notes" ("tenant_id", "n__new") WHERE "n__new" > 0;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "notes_gone_idx__new" ON "notes"."notes" ("tenant_id", "gone__new");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_check__new";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "small__new";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."notes" ("n__new", "gone__new");

-- tenantry: in a transaction, statement timeout 1m

-- The switch.
-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."notes";

DROP FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "n__new" SET NOT NULL, ALTER COLUMN "gone__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_n_not_null",
  DROP CONSTRAINT "notes_n_in_step",
  DROP COLUMN "n",
  DROP CONSTRAINT "notes_gone_not_null",
  DROP CONSTRAINT "notes_gone_in_step",
  DROP COLUMN "gone";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "n__new" TO "n";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "gone__new" TO "gone";

ALTER INDEX "notes"."notes_n_text_key__new" RENAME TO "notes_n_text_key";

ALTER INDEX "notes"."notes_n_idx__new" RENAME TO "notes_n_idx";

ALTER INDEX "notes"."notes_gone_idx__new" RENAME TO "notes_gone_idx";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_n_check__new" TO "notes_n_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "small__new" TO "small";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "own" ON "notes"."notes" FOR ALL TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (n <> 3))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (n <> 3));

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "gone" DROP NOT NULL;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION
DROP INDEX CONCURRENTLY IF EXISTS "notes"."notes_gone_idx";
