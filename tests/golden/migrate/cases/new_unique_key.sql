-- Migration 0002_new_unique_key, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: new unique key notes_text_key
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (1 statement)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: outside a transaction, statement timeout 6h

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION, BREAKS_OLD_SERVERS
CREATE UNIQUE INDEX CONCURRENTLY "notes_text_key" ON "notes"."notes" ("tenant_id", "text");
