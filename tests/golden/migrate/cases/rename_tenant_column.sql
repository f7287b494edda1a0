-- Migration 0002_rename_tenant_column, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.org_id: column renamed from tenant_id
--   notes.tags.org_id: column renamed from tenant_id
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "tenant_id" TO "org_id";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."tags" RENAME COLUMN "tenant_id" TO "org_id";
