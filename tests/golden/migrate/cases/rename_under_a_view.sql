-- Migration 0002_rename_under_a_view, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.memos: table renamed from notes
--   notes.memos: primary key renamed from notes_pkey
--   notes.memos: its message is notes.Memo, which was notes.Note
--   notes.memos.body: column renamed from text
--   notes.memos: policy renamed from notes_tenant
--   notes.shorts: view with another query
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (2 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (4 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME TO "memos";

ALTER INDEX "notes"."notes_pkey" RENAME TO "memos_pkey";

COMMENT ON TABLE "notes"."memos" IS 'notes.Memo';

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."memos" RENAME COLUMN "text" TO "body";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "notes_tenant" ON "notes"."memos" RENAME TO "memos_tenant";

SET LOCAL search_path = "notes", pg_temp;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE OR REPLACE VIEW "notes"."shorts" WITH (security_invoker = true) AS
  SELECT v."tenant_id"::uuid AS "tenant_id",
         v."id"::uuid AS "id",
         v."text"::text AS "text",
         v."size"::integer AS "size"
  FROM (SELECT id, tenant_id, body AS text, size FROM memos WHERE size > 1) AS v;

SET LOCAL search_path TO DEFAULT;
