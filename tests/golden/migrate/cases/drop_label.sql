-- Migration 0002_drop_label, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.kind: label c dropped
--   notes.kind: new label d
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (8 statements)
--   ACQUIRES_SHARE_LOCK: keeps writes of the table waiting while it runs (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TYPE "notes"."kind" RENAME TO "kind__gone";

CREATE TYPE "notes"."kind" AS ENUM ('a', 'b', 'd');

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_more_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "some";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP INDEX "notes"."notes_kind_idx";

-- Hazards: REWRITES_TABLE, MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "kind" DROP DEFAULT,
  ALTER COLUMN "kind" TYPE "notes"."kind" USING "kind"::text::"notes"."kind",
  ALTER COLUMN "kind" SET DEFAULT 'a'::"notes"."kind",
  ALTER COLUMN "more" DROP DEFAULT,
  ALTER COLUMN "more" TYPE "notes"."kind"[] USING "more"::text[]::"notes"."kind"[],
  ALTER COLUMN "more" SET DEFAULT '{}'::"notes"."kind"[];

-- Hazards: INDEX_BUILD, ACQUIRES_SHARE_LOCK
CREATE INDEX "notes_kind_idx" ON "notes"."notes" ("tenant_id", "kind") WHERE kind <> 'a';

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_more_check" CHECK (array_ndims("more") = 1 AND array_position("more", NULL) IS NULL);

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "some" CHECK (kind >= 'a');

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "own" ON "notes"."notes" FOR ALL TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (kind <> 'b'))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (kind <> 'b'));

DROP TYPE "notes"."kind__gone";
