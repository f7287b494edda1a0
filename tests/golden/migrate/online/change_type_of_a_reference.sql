-- Migration 0002_change_type_of_a_reference, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.code: type integer to text, beside the old column
--   notes.tags.code: type integer to text, beside the old column
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (23 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (3 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (5 statements)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (2 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (9 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "code__new" text;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD COLUMN "code__new" text;

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
CREATE FUNCTION "notes"."notes__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."code__new" := NEW."code"::text;
  RETURN NEW;
END $$;

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."notes"
  FOR EACH ROW EXECUTE FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_code_in_step" CHECK ("code__new" IS NOT DISTINCT FROM ("code"::text)::text) NOT VALID,
  ADD CONSTRAINT "notes_code_not_null" CHECK ("code__new" IS NOT NULL) NOT VALID;

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
CREATE FUNCTION "notes"."tags__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."code__new" := NEW."code"::text;
  RETURN NEW;
END $$;

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."tags"
  FOR EACH ROW EXECUTE FUNCTION "notes"."tags__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_code_in_step" CHECK ("code__new" IS NOT DISTINCT FROM ("code"::text)::text) NOT VALID,
  ADD CONSTRAINT "tags_code_not_null" CHECK ("code__new" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."notes"
  SET "code__new" = "code"::text
  WHERE ctid >= $1 AND ctid < $2
    AND ("code__new" IS DISTINCT FROM ("code"::text)::text);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_code_in_step",
  VALIDATE CONSTRAINT "notes_code_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."tags" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."tags"
  SET "code__new" = "code"::text
  WHERE ctid >= $1 AND ctid < $2
    AND ("code__new" IS DISTINCT FROM ("code"::text)::text);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_code_in_step",
  VALIDATE CONSTRAINT "tags_code_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

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
CREATE UNIQUE INDEX CONCURRENTLY "notes_pkey__new" ON "notes"."notes" ("tenant_id", "code__new");

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_code_fkey__new"
  FOREIGN KEY ("tenant_id", "code__new") REFERENCES "notes"."notes" ("tenant_id", "code__new") ON DELETE NO ACTION NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "tags_code_idx__new" ON "notes"."tags" ("tenant_id", "code__new");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."tags" VALIDATE CONSTRAINT "tags_code_fkey__new";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."tags";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."notes" ("code__new");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."tags" ("code__new");

-- tenantry: in a transaction, statement timeout 1m

-- The switch.
-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."notes";

DROP FUNCTION "notes"."notes__in_step"();

-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."tags";

DROP FUNCTION "notes"."tags__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_code_fkey";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "code__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_pkey",
  DROP CONSTRAINT "notes_code_not_null",
  DROP CONSTRAINT "notes_code_in_step",
  DROP COLUMN "code";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ALTER COLUMN "code__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" DROP CONSTRAINT "tags_code_not_null",
  DROP CONSTRAINT "tags_code_in_step",
  DROP COLUMN "code";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "code__new" TO "code";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" RENAME COLUMN "code__new" TO "code";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_pkey" PRIMARY KEY USING INDEX "notes_pkey__new";

ALTER INDEX "notes"."tags_code_idx__new" RENAME TO "tags_code_idx";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" RENAME CONSTRAINT "tags_code_fkey__new" TO "tags_code_fkey";
