-- Migration 0002_rename_enum, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.sort: enum type renamed from kind
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" RENAME TO "sort";
