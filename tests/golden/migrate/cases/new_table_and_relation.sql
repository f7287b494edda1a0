-- Migration 0002_new_table_and_relation, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.tag_id: new column
--   notes.notes: new index notes_tag_id_idx
--   notes.notes: new foreign key notes_tag_id_fkey
--   notes.tags: new table
--
-- Hazards:
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (2 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (2 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "tag_id" uuid;

CREATE TABLE "notes"."tags" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "note_id" uuid,
  CONSTRAINT "tags_pkey" PRIMARY KEY ("tenant_id", "id")
);

COMMENT ON TABLE "notes"."tags" IS 'notes.Tag';

CREATE INDEX "tags_note_id_idx" ON "notes"."tags" ("tenant_id", "note_id");

ALTER TABLE "notes"."tags" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "notes"."tags" FORCE ROW LEVEL SECURITY;

CREATE POLICY "tags_tenant" ON "notes"."tags" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "notes"."tags" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "notes"."tags" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "notes"."tags" TO "admin";

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_tag_id_fkey"
  FOREIGN KEY ("tenant_id", "tag_id") REFERENCES "notes"."tags" ("tenant_id", "id") ON DELETE NO ACTION NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- Hazards: ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
ALTER TABLE "notes"."tags" ADD CONSTRAINT "tags_note_id_fkey"
  FOREIGN KEY ("tenant_id", "note_id") REFERENCES "notes"."notes" ("tenant_id", "id") ON DELETE NO ACTION;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "notes_tag_id_idx" ON "notes"."notes" ("tenant_id", "tag_id");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_tag_id_fkey";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";
