-- Migration 0002_new_label, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.kind: new label c
--
-- Hazards:
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (1 statement)

-- tenantry: outside a transaction, statement timeout 1m

-- Servers of the old schema do not know the label. Let new servers write it only when no old one runs.
-- Hazards: NEEDS_NO_TRANSACTION
ALTER TYPE "notes"."kind" ADD VALUE IF NOT EXISTS 'c';
