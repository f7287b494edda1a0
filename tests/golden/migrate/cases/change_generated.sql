-- Migration 0002_change_generated, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.size: type integer to bigint
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (7 statements)
--   ACQUIRES_SHARE_LOCK: keeps writes of the table waiting while it runs (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_size";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP INDEX "notes"."notes_size_idx";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "size";

-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, REWRITES_TABLE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "size" bigint NOT NULL GENERATED ALWAYS AS (length(text) * 7) STORED;

-- Hazards: INDEX_BUILD, ACQUIRES_SHARE_LOCK
CREATE INDEX "notes_size_idx" ON "notes"."notes" ("tenant_id", "size");

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_size" CHECK (size < 99);

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "own" ON "notes"."notes" FOR ALL TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (size > 0))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (size > 0));
