-- Migration 0002_change_policies, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: policy gone dropped
--   notes.notes: changed policy own
--   notes.notes: new policy reads
--   notes.notes: new policy notes_tenant_insert
--   notes.notes: new policy notes_tenant_update
--   notes.notes: new policy notes_tenant_delete
--
-- Hazards:
--   AUTHZ_UPDATE: changes who may see or write what (6 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (6 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "gone" ON "notes"."notes";

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "own" ON "notes"."notes" TO "authenticated"
  USING ("tenant_id" = tenantry.tenant_id() AND (text = 'b'))
  WITH CHECK ("tenant_id" = tenantry.tenant_id() AND (text = 'b'));

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "reads" ON "notes"."notes" FOR SELECT TO "support"
  USING ("tenant_id" = tenantry.tenant_id() AND (text <> ''));

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "notes_tenant_insert" ON "notes"."notes" FOR INSERT TO "support"
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "notes_tenant_update" ON "notes"."notes" FOR UPDATE TO "support"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY "notes_tenant_delete" ON "notes"."notes" FOR DELETE TO "support"
  USING ("tenant_id" = tenantry.tenant_id());
