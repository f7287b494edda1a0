-- Migration 0002_change_rules, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.least: column renamed from low
--   notes.notes.mails: new column
--   notes.notes: new check notes_code_check
--   notes.notes: new check notes_high_check
--   notes.notes: new check notes_mails_check
--   notes.notes: new check kinds
--   notes.notes: check notes_code_check__old dropped
--   notes.notes: check notes_kind_check dropped
--   notes.notes: check gone dropped
--
-- Hazards:
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (4 statements)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (4 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (10 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (4 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (4 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" RENAME COLUMN "low" TO "least";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_code_check" TO "notes_code_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "mails" text[] NOT NULL DEFAULT '{}'::text[];

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_code_check" CHECK ("code" ~ '^(?:[0-9a-z]+)$') NOT VALID;

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_high_check" CHECK ("high" < 9) NOT VALID;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_mails_check" CHECK (array_ndims("mails") = 1 AND array_position("mails", NULL) IS NULL AND NOT jsonb_path_exists(to_jsonb("mails"), '$[*] ? (!(@ like_regex "^(?:[\\!\\#-\\''\\*\\+\\--9\\=\\?A-Z\\^-\\~]+\\@[0-9A-Za-z](?:[\\-0-9A-Za-z]{0,61}[0-9A-Za-z])?(?:\\.[0-9A-Za-z](?:[\\-0-9A-Za-z]{0,61}[0-9A-Za-z])?)*)$" flag "s"))') AND NOT jsonb_path_exists(to_jsonb("mails"), '$[*] ? (@ like_regex "^.{254}." flag "s")') AND cardinality("mails") <= 3) NOT VALID;

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "kinds" CHECK (NOT ("code" = 'c') OR num_nonnulls("kind") = 1) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_code_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_high_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_mails_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "kinds";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_code_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_kind_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "gone";
