-- Migration 0002_drop_label_under_a_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.kind: label b dropped
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (3 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (2 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 6h

-- What it reads changes. It comes back behind that, and nobody can read it meanwhile.
-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP VIEW "notes"."shorts";

-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TYPE "notes"."kind" RENAME TO "kind__gone";

CREATE TYPE "notes"."kind" AS ENUM ('a');

-- Hazards: REWRITES_TABLE, MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "kind" DROP DEFAULT,
  ALTER COLUMN "kind" TYPE "notes"."kind" USING "kind"::text::"notes"."kind",
  ALTER COLUMN "kind" SET DEFAULT 'a'::"notes"."kind";

SET LOCAL search_path = "notes", pg_temp;

CREATE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."kind"::"notes"."kind" AS "kind"
  FROM (SELECT id, tenant_id, kind FROM notes) AS v;

COMMENT ON VIEW "notes"."shorts" IS 'notes.Short';

GRANT SELECT ON "notes"."shorts" TO "authenticated", "support", "admin";

SET LOCAL search_path TO DEFAULT;

DROP TYPE "notes"."kind__gone";
