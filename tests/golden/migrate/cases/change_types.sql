-- Migration 0002_change_types, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: type integer to bigint
--   notes.notes.word: type text to integer
--   notes.notes.kind: type "notes"."kind" to integer
--   notes.notes.code: type integer to "notes"."kind"
--   notes.notes.one: type text to text[]
--   notes.notes.yes: type boolean to integer
--   notes.notes.day: type date to timestamptz
--   notes.notes.text: type "notes"."kind" to text
--   notes.notes.one: allows no NULL
--   notes.notes: new check notes_one_check
--   notes.notes: new check notes_day_check
--   notes.notes: check notes_day_check__old dropped
--
-- Hazards:
--   REWRITES_TABLE: writes the whole table anew, and nobody reads or writes it meanwhile (1 statement)
--   CORRECTNESS: may turn values into others (rounding, NULL into the default) (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (4 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (4 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (12 statements)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (4 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (4 statements)

-- tenantry: in a transaction, statement timeout 6h

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_day_check" TO "notes_day_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_n_check";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_day_check__old";

-- Hazards: REWRITES_TABLE, MAY_FAIL_ON_EXISTING_ROWS, CORRECTNESS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS
ALTER TABLE "notes"."notes" ALTER COLUMN "n" TYPE bigint,
  ALTER COLUMN "word" TYPE integer USING "word"::integer,
  ALTER COLUMN "kind" TYPE integer USING CASE "kind"::text WHEN 'a' THEN 1 WHEN 'b' THEN 7 END,
  ALTER COLUMN "code" TYPE "notes"."kind" USING (CASE "code" WHEN 1 THEN 'a' WHEN 7 THEN 'b' END)::"notes"."kind",
  ALTER COLUMN "one" TYPE text[] USING CASE WHEN "one" IS NULL THEN '{}'::text[] ELSE ARRAY["one"] END,
  ALTER COLUMN "one" SET DEFAULT '{}'::text[],
  ALTER COLUMN "yes" TYPE integer USING "yes"::integer,
  ALTER COLUMN "day" TYPE timestamptz USING ("day"::timestamp AT TIME ZONE 'UTC'),
  ALTER COLUMN "text" TYPE text USING "text"::text;

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_check" CHECK ("n" >= 0);

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_one_not_null" CHECK ("one" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_one_check" CHECK (array_ndims("one") = 1 AND array_position("one", NULL) IS NULL) NOT VALID;

-- Servers of the old schema do not know it: what it forbids is refused to them.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK, BREAKS_OLD_SERVERS
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_day_check" CHECK ("day" >= '0001-01-01 00:00:00+00' AND "day" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- What is NULL gets the default.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION, CORRECTNESS
UPDATE "notes"."notes" SET "one" = DEFAULT
  WHERE ctid >= $1 AND ctid < $2 AND "one" IS NULL;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_one_not_null";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_one_check";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_day_check";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "one" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_one_not_null";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";
