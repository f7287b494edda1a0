-- Migration 0001_initial, written by `tenantryd generate`. Review it before it is applied; after that it must not change.

-- tenantry: in a transaction, statement timeout 1m

CREATE SCHEMA IF NOT EXISTS "books";

GRANT USAGE ON SCHEMA "books" TO "authenticated", "support", "admin";

CREATE TYPE "books"."kind_of_account" AS ENUM ('asset', 'Owed to others', 'equity');

CREATE TABLE "books"."chart" (
  "organization_id" uuid NOT NULL,
  "id" text NOT NULL DEFAULT tenantry.ulid(),
  "code" varchar(12) NOT NULL,
  "title" text NOT NULL,
  "kind" "books"."kind_of_account" NOT NULL,
  "parent_id" text,
  "floor" numeric(12,2) NOT NULL DEFAULT '0.00'::numeric(12,2),
  "opened_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "chart_pkey" PRIMARY KEY ("organization_id", "id"),
  CONSTRAINT "chart_id_check" CHECK ("id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "chart_code_check" CHECK (char_length("code") >= 2),
  CONSTRAINT "chart_parent_id_check" CHECK ("parent_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "chart_floor_check" CHECK ("floor" > '-Infinity' AND "floor" < 'Infinity'),
  CONSTRAINT "chart_opened_at_check" CHECK ("opened_at" >= '0001-01-01 00:00:00+00' AND "opened_at" < '10000-01-01 00:00:00+00'),
  CONSTRAINT "chart_title_is_not_code" CHECK (title <> code)
);

COMMENT ON TABLE "books"."chart" IS 'ledger.Account';

CREATE UNIQUE INDEX "chart_code_key" ON "books"."chart" ("organization_id", "code");

CREATE UNIQUE INDEX "chart_title_once" ON "books"."chart" ("organization_id", "kind", "title");

CREATE INDEX "chart_parent_id_idx" ON "books"."chart" ("organization_id", "parent_id");

ALTER TABLE "books"."chart" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."chart" FORCE ROW LEVEL SECURITY;

CREATE POLICY "chart_tenant" ON "books"."chart" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."chart" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."chart" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."chart" TO "admin";

CREATE TABLE "books"."postings" (
  "organization_id" uuid NOT NULL,
  "journal" varchar(40) NOT NULL,
  "line" integer NOT NULL,
  "account_id" text NOT NULL,
  "amount" numeric(12,2) NOT NULL,
  "booked_on" date NOT NULL,
  "order" text,
  "select" text,
  "where" tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, coalesce("journal", '')) || setweight(to_tsvector('pg_catalog.simple'::regconfig, coalesce(left("select", 32768), '')), 'B') || setweight(to_tsvector('pg_catalog.simple'::regconfig, coalesce(left("order", 32768), '')), 'A')) STORED,
  CONSTRAINT "postings_pkey" PRIMARY KEY ("organization_id", "journal", "line"),
  CONSTRAINT "postings_line_check" CHECK ("line" >= 1),
  CONSTRAINT "postings_account_id_check" CHECK ("account_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "postings_amount_check" CHECK ("amount" > '-Infinity' AND "amount" < 'Infinity'),
  CONSTRAINT "postings_booked_on_check" CHECK ("booked_on" >= '0001-01-01' AND "booked_on" <= '9999-12-31')
);

COMMENT ON TABLE "books"."postings" IS 'ledger.Posting';

CREATE INDEX "postings_account_id_idx" ON "books"."postings" ("organization_id", "account_id");

ALTER TABLE "books"."postings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."postings" FORCE ROW LEVEL SECURITY;

CREATE POLICY "postings_tenant" ON "books"."postings" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."postings" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."postings" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."postings" TO "admin";

CREATE TABLE "books"."balances" (
  "organization_id" uuid NOT NULL,
  "account_id" text NOT NULL,
  "kind" "books"."kind_of_account" NOT NULL,
  "day" date NOT NULL,
  "cents" bigint NOT NULL,
  "units" bigint NOT NULL GENERATED ALWAYS AS (cents / 100) STORED,
  "sign" varchar(8) GENERATED ALWAYS AS (CASE WHEN cents > 0 THEN 'positive' WHEN cents < 0 THEN 'negative' END) STORED,
  CONSTRAINT "balances_pkey" PRIMARY KEY ("organization_id", "account_id", "kind", "day"),
  CONSTRAINT "balances_account_id_check" CHECK ("account_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "balances_day_check" CHECK ("day" >= '0001-01-01' AND "day" <= '9999-12-31')
);

COMMENT ON TABLE "books"."balances" IS 'ledger.Balance';

CREATE INDEX "balances_units_idx" ON "books"."balances" ("organization_id", "units");

ALTER TABLE "books"."balances" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."balances" FORCE ROW LEVEL SECURITY;

CREATE POLICY "balances_tenant" ON "books"."balances" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."balances" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."balances" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."balances" TO "admin";

CREATE TABLE "books"."samples" (
  "organization_id" uuid NOT NULL,
  "id" text NOT NULL DEFAULT tenantry.ulid(),
  "bool" boolean NOT NULL,
  "int" integer NOT NULL,
  "bigint" bigint NOT NULL,
  "real" real NOT NULL,
  "double" double precision NOT NULL,
  "text" text NOT NULL,
  "varchar" varchar(5) NOT NULL,
  "uuid" uuid NOT NULL,
  "ulid" text NOT NULL,
  "numeric" numeric NOT NULL,
  "money" numeric(12,2) NOT NULL,
  "date" date NOT NULL,
  "bytea" bytea NOT NULL,
  "timestamptz" timestamptz NOT NULL,
  "json" jsonb NOT NULL,
  "kind" "books"."kind_of_account" NOT NULL,
  "maybe_bool" boolean,
  "maybe_int" integer,
  "maybe_bigint" bigint,
  "maybe_real" real,
  "maybe_double" double precision,
  "maybe_text" text,
  "maybe_varchar" varchar(5),
  "maybe_uuid" uuid,
  "maybe_ulid" text,
  "maybe_numeric" numeric,
  "maybe_money" numeric(12,2),
  "maybe_date" date,
  "maybe_bytea" bytea,
  "maybe_timestamptz" timestamptz,
  "maybe_json" jsonb,
  "maybe_kind" "books"."kind_of_account",
  "bools" boolean[] NOT NULL DEFAULT '{}'::boolean[],
  "ints" integer[] NOT NULL DEFAULT '{}'::integer[],
  "bigints" bigint[] NOT NULL DEFAULT '{}'::bigint[],
  "reals" real[] NOT NULL DEFAULT '{}'::real[],
  "doubles" double precision[] NOT NULL DEFAULT '{}'::double precision[],
  "texts" text[] NOT NULL DEFAULT '{}'::text[],
  "varchars" varchar(5)[] NOT NULL DEFAULT '{}'::varchar(5)[],
  "uuids" uuid[] NOT NULL DEFAULT '{}'::uuid[],
  "ulids" text[] NOT NULL DEFAULT '{}'::text[],
  "numerics" numeric[] NOT NULL DEFAULT '{}'::numeric[],
  "dates" date[] NOT NULL DEFAULT '{}'::date[],
  "byteas" bytea[] NOT NULL DEFAULT '{}'::bytea[],
  "timestamptzs" timestamptz[] NOT NULL DEFAULT '{}'::timestamptz[],
  "kinds" "books"."kind_of_account"[] NOT NULL DEFAULT '{}'::"books"."kind_of_account"[],
  CONSTRAINT "samples_pkey" PRIMARY KEY ("organization_id", "id"),
  CONSTRAINT "samples_id_check" CHECK ("id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "samples_ulid_check" CHECK ("ulid" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "samples_numeric_check" CHECK ("numeric" > '-Infinity' AND "numeric" < 'Infinity' AND abs("numeric") < 10::numeric ^ 1000 AND scale("numeric") <= 1000),
  CONSTRAINT "samples_money_check" CHECK ("money" > '-Infinity' AND "money" < 'Infinity'),
  CONSTRAINT "samples_date_check" CHECK ("date" >= '0001-01-01' AND "date" <= '9999-12-31'),
  CONSTRAINT "samples_timestamptz_check" CHECK ("timestamptz" >= '0001-01-01 00:00:00+00' AND "timestamptz" < '10000-01-01 00:00:00+00'),
  CONSTRAINT "samples_json_check" CHECK (jsonb_typeof("json") = 'object' AND NOT jsonb_path_exists("json", 'strict $.** ? (@ > 1.7976931348623158e308 || @ < -1.7976931348623158e308)') AND NOT jsonb_path_exists("json", 'strict $.**{32 to last} ? (@.type() == "object" || @.type() == "array")')),
  CONSTRAINT "samples_maybe_ulid_check" CHECK ("maybe_ulid" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  CONSTRAINT "samples_maybe_numeric_check" CHECK ("maybe_numeric" > '-Infinity' AND "maybe_numeric" < 'Infinity' AND abs("maybe_numeric") < 10::numeric ^ 1000 AND scale("maybe_numeric") <= 1000),
  CONSTRAINT "samples_maybe_money_check" CHECK ("maybe_money" > '-Infinity' AND "maybe_money" < 'Infinity'),
  CONSTRAINT "samples_maybe_date_check" CHECK ("maybe_date" >= '0001-01-01' AND "maybe_date" <= '9999-12-31'),
  CONSTRAINT "samples_maybe_timestamptz_check" CHECK ("maybe_timestamptz" >= '0001-01-01 00:00:00+00' AND "maybe_timestamptz" < '10000-01-01 00:00:00+00'),
  CONSTRAINT "samples_maybe_json_check" CHECK (jsonb_typeof("maybe_json") = 'object' AND NOT jsonb_path_exists("maybe_json", 'strict $.** ? (@ > 1.7976931348623158e308 || @ < -1.7976931348623158e308)') AND NOT jsonb_path_exists("maybe_json", 'strict $.**{32 to last} ? (@.type() == "object" || @.type() == "array")')),
  CONSTRAINT "samples_bools_check" CHECK (array_ndims("bools") = 1 AND array_position("bools", NULL) IS NULL),
  CONSTRAINT "samples_ints_check" CHECK (array_ndims("ints") = 1 AND array_position("ints", NULL) IS NULL),
  CONSTRAINT "samples_bigints_check" CHECK (array_ndims("bigints") = 1 AND array_position("bigints", NULL) IS NULL),
  CONSTRAINT "samples_reals_check" CHECK (array_ndims("reals") = 1 AND array_position("reals", NULL) IS NULL),
  CONSTRAINT "samples_doubles_check" CHECK (array_ndims("doubles") = 1 AND array_position("doubles", NULL) IS NULL),
  CONSTRAINT "samples_texts_check" CHECK (array_ndims("texts") = 1 AND array_position("texts", NULL) IS NULL),
  CONSTRAINT "samples_varchars_check" CHECK (array_ndims("varchars") = 1 AND array_position("varchars", NULL) IS NULL),
  CONSTRAINT "samples_uuids_check" CHECK (array_ndims("uuids") = 1 AND array_position("uuids", NULL) IS NULL),
  CONSTRAINT "samples_ulids_check" CHECK (array_ndims("ulids") = 1 AND array_position("ulids", NULL) IS NULL AND array_to_string("ulids", ' ') ~ '^([0-7][0-9A-HJKMNP-TV-Z]{25}( |$))*$' AND char_length(array_to_string("ulids", '')) = 26 * cardinality("ulids")),
  CONSTRAINT "samples_numerics_check" CHECK (array_ndims("numerics") = 1 AND array_position("numerics", NULL) IS NULL AND '-Infinity' < ALL ("numerics") AND 'Infinity' > ALL ("numerics") AND -(10::numeric ^ 1000) < ALL ("numerics") AND 10::numeric ^ 1000 > ALL ("numerics") AND array_to_string("numerics", ' ') !~ '\.(\d{250}){4}\d'),
  CONSTRAINT "samples_dates_check" CHECK (array_ndims("dates") = 1 AND array_position("dates", NULL) IS NULL AND '0001-01-01' <= ALL ("dates") AND '9999-12-31' >= ALL ("dates")),
  CONSTRAINT "samples_byteas_check" CHECK (array_ndims("byteas") = 1 AND array_position("byteas", NULL) IS NULL),
  CONSTRAINT "samples_timestamptzs_check" CHECK (array_ndims("timestamptzs") = 1 AND array_position("timestamptzs", NULL) IS NULL AND '0001-01-01 00:00:00+00' <= ALL ("timestamptzs") AND '10000-01-01 00:00:00+00' > ALL ("timestamptzs")),
  CONSTRAINT "samples_kinds_check" CHECK (array_ndims("kinds") = 1 AND array_position("kinds", NULL) IS NULL)
);

COMMENT ON TABLE "books"."samples" IS 'ledger.Sample';

CREATE INDEX "samples_texts_idx" ON "books"."samples" USING gin ("texts");

CREATE INDEX "samples_json_idx" ON "books"."samples" USING gin ("json");

ALTER TABLE "books"."samples" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."samples" FORCE ROW LEVEL SECURITY;

CREATE POLICY "samples_tenant" ON "books"."samples" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."samples" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."samples" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."samples" TO "admin";

CREATE TABLE "books"."tags" (
  "organization_id" uuid NOT NULL,
  "label" varchar(30) NOT NULL,
  CONSTRAINT "tags_pkey" PRIMARY KEY ("organization_id", "label")
);

COMMENT ON TABLE "books"."tags" IS 'ledger.Tag';

ALTER TABLE "books"."tags" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."tags" FORCE ROW LEVEL SECURITY;

CREATE POLICY "tags_tenant" ON "books"."tags" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "admin";

CREATE TABLE "books"."keepers" (
  "organization_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "name" varchar(40) NOT NULL,
  "secret" varchar(60) NOT NULL,
  "old_secrets" text[] NOT NULL DEFAULT '{}'::text[],
  "badge" varchar(20),
  "visits" integer NOT NULL DEFAULT 0,
  "seen_at" timestamptz NOT NULL DEFAULT now(),
  "account_id" text NOT NULL,
  CONSTRAINT "keepers_pkey" PRIMARY KEY ("organization_id", "id"),
  CONSTRAINT "keepers_old_secrets_check" CHECK (array_ndims("old_secrets") = 1 AND array_position("old_secrets", NULL) IS NULL),
  CONSTRAINT "keepers_seen_at_check" CHECK ("seen_at" >= '0001-01-01 00:00:00+00' AND "seen_at" < '10000-01-01 00:00:00+00'),
  CONSTRAINT "keepers_account_id_check" CHECK ("account_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$')
);

COMMENT ON TABLE "books"."keepers" IS 'ledger.Keeper';

CREATE UNIQUE INDEX "keepers_badge_key" ON "books"."keepers" ("organization_id", "badge");

CREATE INDEX "keepers_account_id_idx" ON "books"."keepers" ("organization_id", "account_id");

ALTER TABLE "books"."keepers" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."keepers" FORCE ROW LEVEL SECURITY;

CREATE POLICY "keepers_tenant" ON "books"."keepers" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."keepers" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."keepers" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."keepers" TO "admin";

CREATE TABLE "books"."bookings" (
  "organization_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "code" text NOT NULL,
  "email" text,
  "phone" text,
  "country" varchar(2) NOT NULL,
  "room" text NOT NULL,
  "starts_on" date NOT NULL,
  "ends_on" date NOT NULL,
  "discount" double precision,
  "tags" text[] NOT NULL DEFAULT '{}'::text[],
  "note" text,
  "guests" integer NOT NULL DEFAULT 1,
  CONSTRAINT "bookings_pkey" PRIMARY KEY ("organization_id", "id"),
  CONSTRAINT "bookings_code_check" CHECK ("code" ~ '^(?:[A-Z]{3}\-[0-9]{4,})$'),
  CONSTRAINT "bookings_email_check" CHECK ("email" ~ '^(?:[\!\#-\''\*\+\--9\=\?A-Z\^-\~]+\@[0-9A-Za-z](?:[\-0-9A-Za-z]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[\-0-9A-Za-z]{0,61}[0-9A-Za-z])?)*)$' AND char_length("email") <= 254),
  CONSTRAINT "bookings_phone_check" CHECK ("phone" ~ '^(?:\+[1-9][0-9]{1,14})$'),
  CONSTRAINT "bookings_country_check" CHECK ("country" ~ '^(?:A[D-GILMOQ-UWXZ]|B[ABD-JL-OQ-TVWYZ]|C[ACDF-IK-ORU-Z]|D[EJKMOZ]|E[CEGHR-T]|F[I-KMOR]|G[ABD-IL-NP-UWY]|H[KMNRTU]|I[DEL-OQ-T]|J[EMOP]|K[EG-IMNPRWYZ]|L[A-CIKR-VY]|M[AC-HK-Z]|N[ACE-GILOPRUZ]|OM|P[AE-HK-NR-TWY]|QA|R[EOSUW]|S[A-EG-OR-TVX-Z]|T[CDF-HJ-ORTVWZ]|U[AGMSYZ]|V[ACEGINU]|W[FS]|Y[ET]|Z[AMW])$'),
  CONSTRAINT "bookings_room_check" CHECK ("room" IN ('single', 'double', 'other')),
  CONSTRAINT "bookings_starts_on_check" CHECK ("starts_on" >= '0001-01-01' AND "starts_on" <= '9999-12-31' AND "starts_on" >= '2020-01-01' AND "starts_on" < '2030-01-01'),
  CONSTRAINT "bookings_ends_on_check" CHECK ("ends_on" >= '0001-01-01' AND "ends_on" <= '9999-12-31' AND "ends_on" >= '2025-01-01'),
  CONSTRAINT "bookings_discount_check" CHECK ("discount" > '-Infinity' AND "discount" < 'Infinity' AND "discount" >= 0 AND "discount" < 1),
  CONSTRAINT "bookings_tags_check" CHECK (array_ndims("tags") = 1 AND array_position("tags", NULL) IS NULL AND NOT jsonb_path_exists(to_jsonb("tags"), '$[*] ? (!(@ like_regex "^(?:[0-9a-z]+(?:\\-[0-9a-z]+)*)$" flag "s"))') AND cardinality("tags") >= 1 AND cardinality("tags") <= 3),
  CONSTRAINT "bookings_guests_check" CHECK ("guests" >= 1 AND "guests" <= 4),
  CONSTRAINT "bookings_days_check" CHECK ("starts_on" < "ends_on"),
  CONSTRAINT "bookings_contact_check" CHECK (num_nonnulls("email", "phone") >= 1),
  CONSTRAINT "bookings_note_check" CHECK (NOT ("room" = 'other') OR num_nonnulls("note") = 1)
);

COMMENT ON TABLE "books"."bookings" IS 'ledger.Booking';

CREATE INDEX "bookings_starts_on_idx" ON "books"."bookings" ("organization_id", "starts_on");

ALTER TABLE "books"."bookings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."bookings" FORCE ROW LEVEL SECURITY;

CREATE POLICY "bookings_tenant" ON "books"."bookings" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."bookings" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."bookings" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."bookings" TO "admin";

ALTER TABLE "books"."chart" ADD CONSTRAINT "chart_parent_id_fkey"
  FOREIGN KEY ("organization_id", "parent_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE SET NULL ("parent_id");

ALTER TABLE "books"."postings" ADD CONSTRAINT "postings_account_id_fkey"
  FOREIGN KEY ("organization_id", "account_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE CASCADE;

ALTER TABLE "books"."balances" ADD CONSTRAINT "balances_account_id_fkey"
  FOREIGN KEY ("organization_id", "account_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE CASCADE;

ALTER TABLE "books"."keepers" ADD CONSTRAINT "keepers_account_id_fkey"
  FOREIGN KEY ("organization_id", "account_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE NO ACTION;
