-- Migration 0001_initial, written by `tenantryd generate`. Review it before it is applied; after that it must not change.

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
  CONSTRAINT "chart_title_is_not_code" CHECK (title <> code)
);

COMMENT ON TABLE "books"."chart" IS 'ledger.v1.Account';

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
  CONSTRAINT "postings_pkey" PRIMARY KEY ("organization_id", "journal", "line"),
  CONSTRAINT "postings_line_check" CHECK ("line" >= 1),
  CONSTRAINT "postings_account_id_check" CHECK ("account_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$')
);

COMMENT ON TABLE "books"."postings" IS 'ledger.v1.Posting';

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
  CONSTRAINT "balances_pkey" PRIMARY KEY ("organization_id", "account_id", "kind", "day"),
  CONSTRAINT "balances_account_id_check" CHECK ("account_id" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$')
);

COMMENT ON TABLE "books"."balances" IS 'ledger.v1.Balance';

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
  CONSTRAINT "samples_maybe_ulid_check" CHECK ("maybe_ulid" ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$')
);

COMMENT ON TABLE "books"."samples" IS 'ledger.v1.Sample';

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

COMMENT ON TABLE "books"."tags" IS 'ledger.v1.Tag';

ALTER TABLE "books"."tags" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "books"."tags" FORCE ROW LEVEL SECURITY;

CREATE POLICY "tags_tenant" ON "books"."tags" FOR ALL TO "authenticated", "support", "admin"
  USING ("organization_id" = tenantry.tenant_id())
  WITH CHECK ("organization_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "books"."tags" TO "admin";

ALTER TABLE "books"."chart" ADD CONSTRAINT "chart_parent_id_fkey"
  FOREIGN KEY ("organization_id", "parent_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE SET NULL ("parent_id");

ALTER TABLE "books"."postings" ADD CONSTRAINT "postings_account_id_fkey"
  FOREIGN KEY ("organization_id", "account_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE CASCADE;

ALTER TABLE "books"."balances" ADD CONSTRAINT "balances_account_id_fkey"
  FOREIGN KEY ("organization_id", "account_id") REFERENCES "books"."chart" ("organization_id", "id") ON DELETE CASCADE;
