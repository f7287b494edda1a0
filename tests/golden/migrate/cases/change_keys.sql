-- Migration 0002_change_keys, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes: new unique key k
--   notes.notes: new index i
--   notes.notes: unique key k__old dropped
--   notes.notes: index i__old dropped
--   notes.notes: index notes_n_text_idx dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (1 statement)
--   INDEX_BUILD: builds an index, which costs reads of the whole table (2 statements)
--   INDEX_DROPPED: makes queries slow that used the index (3 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (5 statements)

-- tenantry: in a transaction, statement timeout 1m

ALTER INDEX "notes"."k" RENAME TO "k__old";

ALTER INDEX "notes"."i" RENAME TO "i__old";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, MAY_FAIL_ON_EXISTING_ROWS, NEEDS_NO_TRANSACTION
CREATE UNIQUE INDEX CONCURRENTLY "k" ON "notes"."notes" ("tenant_id", "text", "n");

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_BUILD, NEEDS_NO_TRANSACTION
CREATE INDEX CONCURRENTLY "i" ON "notes"."notes" ("tenant_id", "n") WHERE n > 0;

-- tenantry: outside a transaction, statement timeout 6h

-- Servers of the old schema can upsert by this key no more.
-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION, BREAKS_OLD_SERVERS
DROP INDEX CONCURRENTLY IF EXISTS "notes"."k__old";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION
DROP INDEX CONCURRENTLY IF EXISTS "notes"."i__old";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: INDEX_DROPPED, NEEDS_NO_TRANSACTION
DROP INDEX CONCURRENTLY IF EXISTS "notes"."notes_n_text_idx";
