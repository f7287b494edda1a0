-- Migration 0002_rename_table_and_message, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.memos: table renamed from notes
--   notes.memos: primary key renamed from notes_pkey
--   notes.memos: unique key renamed from notes_text_key
--   notes.memos: its message is notes.Memo, which was notes.Note
--   notes.memos: policy renamed from notes_tenant
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (2 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME TO "memos";

ALTER INDEX "notes"."notes_pkey" RENAME TO "memos_pkey";

ALTER INDEX "notes"."notes_text_key" RENAME TO "memos_text_key";

COMMENT ON TABLE "notes"."memos" IS 'notes.Memo';

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "notes_tenant" ON "notes"."memos" RENAME TO "memos_tenant";
