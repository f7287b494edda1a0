-- Migration 0002_drop_field, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: column dropped
--   notes.notes: unique key notes_n_text_key dropped
--   notes.notes: policy own dropped
--   notes.notes: changed policy notes_tenant
--
-- Hazards:
--   DELETES_DATA: deletes data for good (1 statement)
--   AUTHZ_UPDATE: changes who may see or write what (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)
--   INDEX_DROPPED: makes queries slow that used the index (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY "own" ON "notes"."notes";

-- Hazards: AUTHZ_UPDATE, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "notes_tenant" ON "notes"."notes" TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

-- tenantry: outside a transaction, statement timeout 6h

-- Servers of the old schema can upsert by this key no more.
-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION, BREAKS_OLD_SERVERS
DROP INDEX CONCURRENTLY IF EXISTS "notes"."notes_n_text_key";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: DELETES_DATA, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP COLUMN "n";
