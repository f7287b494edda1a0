-- Migration 0002_grow_text, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.text: type varchar(5) to text
--
-- Hazards:
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "text" TYPE text;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "own" ON "notes"."notes" FOR ALL TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (text <> ''))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (text <> ''));
