-- Migration 0002_swap_tables, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.memos: table renamed from notes
--   notes.memos: primary key renamed from notes_pkey
--   notes.notes: table renamed from memos
--   notes.notes: primary key renamed from memos_pkey
--   notes.memos: its message is notes.Memo, which was notes.Note
--   notes.memos: policy renamed from notes_tenant
--   notes.notes: its message is notes.Note, which was notes.Memo
--   notes.notes: policy renamed from memos_tenant
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (3 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (5 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME TO "notes__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."memos" RENAME TO "notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes__old" RENAME TO "memos";

ALTER INDEX "notes"."notes_pkey" RENAME TO "notes_pkey__old";

ALTER INDEX "notes"."memos_pkey" RENAME TO "notes_pkey";

ALTER INDEX "notes"."notes_pkey__old" RENAME TO "memos_pkey";

COMMENT ON TABLE "notes"."memos" IS 'notes.Memo';

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "notes_tenant" ON "notes"."memos" RENAME TO "memos_tenant";

COMMENT ON TABLE "notes"."notes" IS 'notes.Note';

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER POLICY "memos_tenant" ON "notes"."notes" RENAME TO "notes_tenant";
