-- Migration 0002_move_to_another_namespace, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   papers.notes: moved from schema notes
--   papers.tags: moved from schema notes
--   papers.kind: moved from schema notes
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (3 statements)

-- tenantry: in a transaction, statement timeout 1m

CREATE SCHEMA IF NOT EXISTS "papers";

GRANT USAGE ON SCHEMA "papers" TO "authenticated", "support", "admin";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" SET SCHEMA "papers";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."tags" SET SCHEMA "papers";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" SET SCHEMA "papers";

-- The schema notes goes, unless something is in it.
DO $$ BEGIN DROP SCHEMA "notes"; EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege OR invalid_schema_name THEN NULL; END $$;
