-- Migration 0002_labels_move, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.kind: label a renamed b
--   notes.kind: label b renamed a
--   notes.kind: label c renamed d
--   notes.kind: new label c
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (4 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" RENAME VALUE 'c' TO 'd';

-- Hazards: BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" RENAME VALUE 'a' TO 'a__old';

-- Hazards: BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" RENAME VALUE 'b' TO 'a';

-- Hazards: BREAKS_OLD_SERVERS
ALTER TYPE "notes"."kind" RENAME VALUE 'a__old' TO 'b';

-- tenantry: outside a transaction, statement timeout 1m

-- Servers of the old schema do not know the label. Let new servers write it only when no old one runs.
-- Hazards: NEEDS_NO_TRANSACTION
ALTER TYPE "notes"."kind" ADD VALUE IF NOT EXISTS 'c' BEFORE 'd';
