-- Migration 0002_drop_label, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.kind: label c dropped
--   notes.kind: new label d
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (18 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (4 statements)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (6 statements)

-- tenantry: in a transaction, statement timeout 1m

CREATE TYPE "notes"."kind__new" AS ENUM ('a', 'b', 'd');

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "kind__new" "notes"."kind__new";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "more__new" "notes"."kind__new"[];

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
-- From now on a value that does not fit the new type is refused.
CREATE FUNCTION "notes"."notes__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."kind__new" := NEW."kind"::text::"notes"."kind__new";
  NEW."more__new" := NEW."more"::text[]::"notes"."kind__new"[];
  RETURN NEW;
END $$;

-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."notes"
  FOR EACH ROW EXECUTE FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_kind_in_step" CHECK ("kind__new" IS NOT DISTINCT FROM ("kind"::text::"notes"."kind__new")::"notes"."kind__new") NOT VALID,
  ADD CONSTRAINT "notes_kind_not_null" CHECK ("kind__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_more_in_step" CHECK ("more__new" IS NOT DISTINCT FROM ("more"::text[]::"notes"."kind__new"[])::"notes"."kind__new"[]) NOT VALID,
  ADD CONSTRAINT "notes_more_not_null" CHECK ("more__new" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."notes"
  SET "kind__new" = "kind"::text::"notes"."kind__new",
    "more__new" = "more"::text[]::"notes"."kind__new"[]
  WHERE ctid >= $1 AND ctid < $2
    AND ("kind__new" IS DISTINCT FROM ("kind"::text::"notes"."kind__new")::"notes"."kind__new"
      OR "more__new" IS DISTINCT FROM ("more"::text[]::"notes"."kind__new"[])::"notes"."kind__new"[]);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_kind_in_step",
  VALIDATE CONSTRAINT "notes_kind_not_null",
  VALIDATE CONSTRAINT "notes_more_in_step",
  VALIDATE CONSTRAINT "notes_more_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_more_check__new" CHECK (array_ndims("more__new") = 1 AND array_position("more__new", NULL) IS NULL) NOT VALID;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "some__new" CHECK ("kind__new" >= 'a') NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "notes_kind_idx__new" ON "notes"."notes" ("tenant_id", "kind__new") WHERE "kind__new" <> 'a';

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_more_check__new";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "some__new";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."notes" ("kind__new", "more__new");

-- tenantry: in a transaction, statement timeout 1m

-- The switch.
-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."notes";

DROP FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "kind__new" SET NOT NULL, ALTER COLUMN "more__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_kind_not_null",
  DROP CONSTRAINT "notes_kind_in_step",
  DROP COLUMN "kind",
  DROP CONSTRAINT "notes_more_not_null",
  DROP CONSTRAINT "notes_more_in_step",
  DROP COLUMN "more";

DROP TYPE "notes"."kind";

ALTER TYPE "notes"."kind__new" RENAME TO "kind";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "kind__new" TO "kind";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "kind" SET DEFAULT 'a'::"notes"."kind";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "more__new" TO "more";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "more" SET DEFAULT '{}'::"notes"."kind"[];

ALTER INDEX "notes"."notes_kind_idx__new" RENAME TO "notes_kind_idx";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_more_check__new" TO "notes_more_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "some__new" TO "some";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "own" ON "notes"."notes" FOR ALL TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (kind <> 'b'))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (kind <> 'b'));
