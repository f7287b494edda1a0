-- Migration 0002_change_types, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   notes.notes.n: type integer to bigint, beside the old column
--   notes.notes.word: type text to integer, beside the old column
--   notes.notes.kind: type "notes"."kind" to integer, beside the old column
--   notes.notes.code: type integer to "notes"."kind", beside the old column
--   notes.notes.one: type text to text[], beside the old column
--   notes.notes.yes: type boolean to integer, beside the old column
--   notes.notes.day: type date to timestamptz, beside the old column
--   notes.notes.text: type "notes"."kind" to text, beside the old column
--   notes.notes.one: allows no NULL
--   notes.notes: new check notes_one_check
--   notes.notes: new check notes_day_check
--
-- Hazards:
--   CORRECTNESS: may turn values into others (rounding, NULL into the default) (2 statements)
--   BREAKS_OLD_SERVERS: breaks servers of the old schema while they still run (5 statements)
--   BREAKS_API_CLIENTS: breaks clients of the old API (1 statement)
--   MAY_FAIL_ON_EXISTING_ROWS: fails when there are rows that do not fit (4 statements)
--   ACQUIRES_ACCESS_EXCLUSIVE_LOCK: keeps reads and writes of the table waiting, for a moment unless it says more (33 statements)
--   ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK: keeps writes of the tables waiting for a moment (1 statement)
--   IMPACTS_DATABASE_PERFORMANCE: reads or writes many rows and takes its time (7 statements)
--   NEEDS_NO_TRANSACTION: cannot be rolled back with the rest: it is committed by itself (8 statements)

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_day_check" TO "notes_day_check__old";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "n__new" bigint;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "word__new" integer;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "kind__new" integer;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "code__new" "notes"."kind";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "one__new" text[];

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "yes__new" integer;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "day__new" timestamptz;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD COLUMN "text__new" text;

-- Old servers go on writing the old columns. This fills the new ones, as whoever writes.
-- From now on a value that does not fit the new type is refused.
CREATE FUNCTION "notes"."notes__in_step"() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$
BEGIN
  NEW."n__new" := NEW."n";
  NEW."word__new" := NEW."word"::integer;
  NEW."kind__new" := CASE NEW."kind"::text WHEN 'a' THEN 1 WHEN 'b' THEN 7 END;
  NEW."code__new" := (CASE NEW."code" WHEN 1 THEN 'a' WHEN 7 THEN 'b' END)::"notes"."kind";
  NEW."one__new" := CASE WHEN NEW."one" IS NULL THEN '{}'::text[] ELSE ARRAY[NEW."one"] END;
  NEW."yes__new" := NEW."yes"::integer;
  NEW."day__new" := (NEW."day"::timestamp AT TIME ZONE 'UTC');
  NEW."text__new" := NEW."text"::text;
  RETURN NEW;
END $$;

-- Hazards: BREAKS_OLD_SERVERS, ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK
CREATE TRIGGER zz_tenantry_migrate BEFORE INSERT OR UPDATE ON "notes"."notes"
  FOR EACH ROW EXECUTE FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_in_step" CHECK ("n__new" IS NOT DISTINCT FROM ("n")::bigint) NOT VALID,
  ADD CONSTRAINT "notes_n_not_null" CHECK ("n__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_word_in_step" CHECK ("word__new" IS NOT DISTINCT FROM ("word"::integer)::integer) NOT VALID,
  ADD CONSTRAINT "notes_word_not_null" CHECK ("word__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_kind_in_step" CHECK ("kind__new" IS NOT DISTINCT FROM (CASE "kind"::text WHEN 'a' THEN 1 WHEN 'b' THEN 7 END)::integer) NOT VALID,
  ADD CONSTRAINT "notes_kind_not_null" CHECK ("kind__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_code_in_step" CHECK ("code__new" IS NOT DISTINCT FROM ((CASE "code" WHEN 1 THEN 'a' WHEN 7 THEN 'b' END)::"notes"."kind")::"notes"."kind") NOT VALID,
  ADD CONSTRAINT "notes_code_not_null" CHECK ("code__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_one_in_step" CHECK ("one__new" IS NOT DISTINCT FROM (CASE WHEN "one" IS NULL THEN '{}'::text[] ELSE ARRAY["one"] END)::text[]) NOT VALID,
  ADD CONSTRAINT "notes_yes_in_step" CHECK ("yes__new" IS NOT DISTINCT FROM ("yes"::integer)::integer) NOT VALID,
  ADD CONSTRAINT "notes_yes_not_null" CHECK ("yes__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_day_in_step" CHECK ("day__new" IS NOT DISTINCT FROM (("day"::timestamp AT TIME ZONE 'UTC'))::timestamptz) NOT VALID,
  ADD CONSTRAINT "notes_day_not_null" CHECK ("day__new" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "notes_text_in_step" CHECK ("text__new" IS NOT DISTINCT FROM ("text"::text)::text) NOT VALID,
  ADD CONSTRAINT "notes_text_not_null" CHECK ("text__new" IS NOT NULL) NOT VALID;

-- Row-level security hides the rows from their owner too. This shows them to the owner, and
-- to nobody else, until what needs them is done.
-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
CREATE POLICY tenantry_migrate ON "notes"."notes" TO CURRENT_USER USING (true) WITH CHECK (true);

-- tenantry: outside a transaction, in batches, statement timeout 1m

-- Rows that were there before, some blocks of the table at a time. An interrupted run goes on
-- where it stopped.
-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, CORRECTNESS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
UPDATE "notes"."notes"
  SET "n__new" = "n",
    "word__new" = "word"::integer,
    "kind__new" = CASE "kind"::text WHEN 'a' THEN 1 WHEN 'b' THEN 7 END,
    "code__new" = (CASE "code" WHEN 1 THEN 'a' WHEN 7 THEN 'b' END)::"notes"."kind",
    "one__new" = CASE WHEN "one" IS NULL THEN '{}'::text[] ELSE ARRAY["one"] END,
    "yes__new" = "yes"::integer,
    "day__new" = ("day"::timestamp AT TIME ZONE 'UTC'),
    "text__new" = "text"::text
  WHERE ctid >= $1 AND ctid < $2
    AND ("n__new" IS DISTINCT FROM ("n")::bigint
      OR "word__new" IS DISTINCT FROM ("word"::integer)::integer
      OR "kind__new" IS DISTINCT FROM (CASE "kind"::text WHEN 'a' THEN 1 WHEN 'b' THEN 7 END)::integer
      OR "code__new" IS DISTINCT FROM ((CASE "code" WHEN 1 THEN 'a' WHEN 7 THEN 'b' END)::"notes"."kind")::"notes"."kind"
      OR "one__new" IS DISTINCT FROM (CASE WHEN "one" IS NULL THEN '{}'::text[] ELSE ARRAY["one"] END)::text[]
      OR "yes__new" IS DISTINCT FROM ("yes"::integer)::integer
      OR "day__new" IS DISTINCT FROM (("day"::timestamp AT TIME ZONE 'UTC'))::timestamptz
      OR "text__new" IS DISTINCT FROM ("text"::text)::text);

-- tenantry: outside a transaction, statement timeout 6h

-- Every row has its value.
-- Hazards: IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_in_step",
  VALIDATE CONSTRAINT "notes_n_not_null",
  VALIDATE CONSTRAINT "notes_word_in_step",
  VALIDATE CONSTRAINT "notes_word_not_null",
  VALIDATE CONSTRAINT "notes_kind_in_step",
  VALIDATE CONSTRAINT "notes_kind_not_null",
  VALIDATE CONSTRAINT "notes_code_in_step",
  VALIDATE CONSTRAINT "notes_code_not_null",
  VALIDATE CONSTRAINT "notes_one_in_step",
  VALIDATE CONSTRAINT "notes_yes_in_step",
  VALIDATE CONSTRAINT "notes_yes_not_null",
  VALIDATE CONSTRAINT "notes_day_in_step",
  VALIDATE CONSTRAINT "notes_day_not_null",
  VALIDATE CONSTRAINT "notes_text_in_step",
  VALIDATE CONSTRAINT "notes_text_not_null";

-- tenantry: in a transaction, statement timeout 1m

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP POLICY tenantry_migrate ON "notes"."notes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ADD CONSTRAINT "notes_n_check__new" CHECK ("n__new" >= 0) NOT VALID;

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: MAY_FAIL_ON_EXISTING_ROWS, IMPACTS_DATABASE_PERFORMANCE, NEEDS_NO_TRANSACTION
ALTER TABLE "notes"."notes" VALIDATE CONSTRAINT "notes_n_check__new";

-- tenantry: outside a transaction, statement timeout 6h

-- Hazards: NEEDS_NO_TRANSACTION
ANALYZE "notes"."notes" ("n__new", "word__new", "kind__new", "code__new", "one__new", "yes__new", "day__new", "text__new");

-- tenantry: in a transaction, statement timeout 1m

-- The switch.
-- Hazards: BREAKS_OLD_SERVERS, BREAKS_API_CLIENTS, ACQUIRES_ACCESS_EXCLUSIVE_LOCK
DROP TRIGGER zz_tenantry_migrate ON "notes"."notes";

DROP FUNCTION "notes"."notes__in_step"();

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "n__new" SET NOT NULL, ALTER COLUMN "word__new" SET NOT NULL, ALTER COLUMN "kind__new" SET NOT NULL, ALTER COLUMN "code__new" SET NOT NULL, ALTER COLUMN "yes__new" SET NOT NULL, ALTER COLUMN "day__new" SET NOT NULL, ALTER COLUMN "text__new" SET NOT NULL;

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" DROP CONSTRAINT "notes_n_not_null",
  DROP CONSTRAINT "notes_n_in_step",
  DROP COLUMN "n",
  DROP CONSTRAINT "notes_word_not_null",
  DROP CONSTRAINT "notes_word_in_step",
  DROP COLUMN "word",
  DROP CONSTRAINT "notes_kind_not_null",
  DROP CONSTRAINT "notes_kind_in_step",
  DROP COLUMN "kind",
  DROP CONSTRAINT "notes_code_not_null",
  DROP CONSTRAINT "notes_code_in_step",
  DROP COLUMN "code",
  DROP CONSTRAINT "notes_one_in_step",
  DROP COLUMN "one",
  DROP CONSTRAINT "notes_yes_not_null",
  DROP CONSTRAINT "notes_yes_in_step",
  DROP COLUMN "yes",
  DROP CONSTRAINT "notes_day_not_null",
  DROP CONSTRAINT "notes_day_in_step",
  DROP COLUMN "day",
  DROP CONSTRAINT "notes_text_not_null",
  DROP CONSTRAINT "notes_text_in_step",
  DROP COLUMN "text";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "n__new" TO "n";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "word__new" TO "word";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "kind__new" TO "kind";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "code__new" TO "code";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "one__new" TO "one";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" ALTER COLUMN "one" SET DEFAULT '{}'::text[];

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "yes__new" TO "yes";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "day__new" TO "day";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME COLUMN "text__new" TO "text";

-- Hazards: ACQUIRES_ACCESS_EXCLUSIVE_LOCK
ALTER TABLE "notes"."notes" RENAME CONSTRAINT "notes_n_check__new" TO "notes_n_check";

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
