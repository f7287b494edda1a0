-- Migration 0001_initial, written by `tenantryd generate`. Review it before it is applied; after that it must not change.

CREATE SCHEMA IF NOT EXISTS "saas";

GRANT USAGE ON SCHEMA "saas" TO "authenticated", "support", "admin";

CREATE TYPE "saas"."order_status" AS ENUM ('pending', 'processing', 'shipped', 'delivered', 'cancelled');

CREATE TYPE "saas"."contact_type" AS ENUM ('individual', 'company', 'partner');

CREATE TABLE "saas"."products" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "slug" varchar(100) NOT NULL,
  "name" varchar(200) NOT NULL,
  "description" text,
  "price_cents" integer NOT NULL,
  "stock" integer NOT NULL DEFAULT 0,
  "is_active" boolean NOT NULL DEFAULT true,
  "tags" text[] NOT NULL DEFAULT '{}'::text[],
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "products_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "products_price_cents_check" CHECK ("price_cents" >= 0),
  CONSTRAINT "products_stock_check" CHECK ("stock" >= 0)
);

COMMENT ON TABLE "saas"."products" IS 'saas.catalog.v1.Product';

CREATE UNIQUE INDEX "products_slug_key" ON "saas"."products" ("tenant_id", "slug");

CREATE INDEX "products_is_active_id_idx" ON "saas"."products" ("tenant_id", "is_active", "id");

CREATE INDEX "products_created_at_id_idx" ON "saas"."products" ("tenant_id", "created_at", "id");

CREATE INDEX "products_tags_idx" ON "saas"."products" USING gin ("tags");

ALTER TABLE "saas"."products" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."products" FORCE ROW LEVEL SECURITY;

CREATE POLICY "products_tenant" ON "saas"."products" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."products" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."products" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."products" TO "admin";

CREATE TABLE "saas"."orders" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "contact_id" uuid NOT NULL,
  "status" "saas"."order_status" NOT NULL DEFAULT 'pending'::"saas"."order_status",
  "total_cents" integer NOT NULL,
  "shipping_address_id" uuid,
  "stripe_payment_intent_id" varchar(100),
  "tracking_number" varchar(100),
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "orders_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "orders_total_cents_check" CHECK ("total_cents" >= 0)
);

COMMENT ON TABLE "saas"."orders" IS 'saas.commerce.v1.Order';

CREATE INDEX "orders_contact_id_idx" ON "saas"."orders" ("tenant_id", "contact_id");

CREATE INDEX "orders_shipping_address_id_idx" ON "saas"."orders" ("tenant_id", "shipping_address_id");

CREATE INDEX "orders_status_created_at_idx" ON "saas"."orders" ("tenant_id", "status", "created_at");

CREATE INDEX "orders_created_at_id_idx" ON "saas"."orders" ("tenant_id", "created_at", "id");

ALTER TABLE "saas"."orders" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."orders" FORCE ROW LEVEL SECURITY;

CREATE POLICY "orders_tenant" ON "saas"."orders" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."orders" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."orders" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."orders" TO "admin";

CREATE TABLE "saas"."order_items" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "order_id" uuid NOT NULL,
  "product_id" uuid NOT NULL,
  "quantity" integer NOT NULL,
  "price_cents" integer NOT NULL,
  CONSTRAINT "order_items_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "order_items_quantity_check" CHECK ("quantity" >= 1),
  CONSTRAINT "order_items_price_cents_check" CHECK ("price_cents" >= 0)
);

COMMENT ON TABLE "saas"."order_items" IS 'saas.commerce.v1.OrderItem';

CREATE INDEX "order_items_order_id_idx" ON "saas"."order_items" ("tenant_id", "order_id");

CREATE INDEX "order_items_product_id_idx" ON "saas"."order_items" ("tenant_id", "product_id");

ALTER TABLE "saas"."order_items" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."order_items" FORCE ROW LEVEL SECURITY;

CREATE POLICY "order_items_tenant" ON "saas"."order_items" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."order_items" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."order_items" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."order_items" TO "admin";

CREATE TABLE "saas"."contacts" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "name" varchar(255) NOT NULL,
  "email" varchar(255),
  "phone" varchar(50),
  "type" "saas"."contact_type" NOT NULL DEFAULT 'individual'::"saas"."contact_type",
  "is_active" boolean NOT NULL DEFAULT true,
  "notes" text,
  "stripe_customer_id" varchar(50),
  "metadata" jsonb NOT NULL DEFAULT '{}'::jsonb,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  "deleted_at" timestamptz,
  CONSTRAINT "contacts_pkey" PRIMARY KEY ("tenant_id", "id")
);

COMMENT ON TABLE "saas"."contacts" IS 'saas.crm.v1.Contact';

CREATE UNIQUE INDEX "contacts_email_key" ON "saas"."contacts" ("tenant_id", "email") WHERE "deleted_at" IS NULL;

CREATE INDEX "contacts_created_at_id_idx" ON "saas"."contacts" ("tenant_id", "created_at", "id");

CREATE INDEX "contacts_active_name_idx" ON "saas"."contacts" ("tenant_id", "name", "id") WHERE is_active;

ALTER TABLE "saas"."contacts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."contacts" FORCE ROW LEVEL SECURITY;

CREATE POLICY "contacts_tenant" ON "saas"."contacts" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."contacts" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."contacts" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."contacts" TO "admin";

CREATE TABLE "saas"."addresses" (
  "tenant_id" uuid NOT NULL,
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "contact_id" uuid NOT NULL,
  "line1" varchar(100) NOT NULL,
  "city" varchar(50) NOT NULL,
  "postal_code" varchar(20),
  "country" varchar(2) NOT NULL,
  "is_default" boolean NOT NULL DEFAULT false,
  CONSTRAINT "addresses_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "addresses_country_check" CHECK (char_length("country") >= 2)
);

COMMENT ON TABLE "saas"."addresses" IS 'saas.crm.v1.Address';

CREATE INDEX "addresses_contact_id_idx" ON "saas"."addresses" ("tenant_id", "contact_id");

ALTER TABLE "saas"."addresses" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."addresses" FORCE ROW LEVEL SECURITY;

CREATE POLICY "addresses_tenant" ON "saas"."addresses" FOR ALL TO "authenticated", "support", "admin"
  USING ("tenant_id" = tenantry.tenant_id())
  WITH CHECK ("tenant_id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."addresses" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."addresses" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."addresses" TO "admin";

CREATE TABLE "saas"."organizations" (
  "id" uuid NOT NULL DEFAULT tenantry.uuidv7(),
  "name" varchar(200) NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

COMMENT ON TABLE "saas"."organizations" IS 'saas.organization.v1.Organization';

ALTER TABLE "saas"."organizations" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "saas"."organizations" FORCE ROW LEVEL SECURITY;

CREATE POLICY "organizations_tenant" ON "saas"."organizations" FOR ALL TO "authenticated", "support", "admin"
  USING ("id" = tenantry.tenant_id())
  WITH CHECK ("id" = tenantry.tenant_id());

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."organizations" TO "authenticated";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."organizations" TO "support";

GRANT SELECT, INSERT, UPDATE, DELETE ON "saas"."organizations" TO "admin";

ALTER TABLE "saas"."products" ADD CONSTRAINT "products_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "saas"."organizations" ("id") ON DELETE RESTRICT;

ALTER TABLE "saas"."orders" ADD CONSTRAINT "orders_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "saas"."organizations" ("id") ON DELETE RESTRICT;

ALTER TABLE "saas"."orders" ADD CONSTRAINT "orders_contact_id_fkey"
  FOREIGN KEY ("tenant_id", "contact_id") REFERENCES "saas"."contacts" ("tenant_id", "id") ON DELETE RESTRICT;

ALTER TABLE "saas"."orders" ADD CONSTRAINT "orders_shipping_address_id_fkey"
  FOREIGN KEY ("tenant_id", "shipping_address_id") REFERENCES "saas"."addresses" ("tenant_id", "id") ON DELETE SET NULL ("shipping_address_id");

ALTER TABLE "saas"."order_items" ADD CONSTRAINT "order_items_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "saas"."organizations" ("id") ON DELETE RESTRICT;

ALTER TABLE "saas"."order_items" ADD CONSTRAINT "order_items_order_id_fkey"
  FOREIGN KEY ("tenant_id", "order_id") REFERENCES "saas"."orders" ("tenant_id", "id") ON DELETE CASCADE;

ALTER TABLE "saas"."order_items" ADD CONSTRAINT "order_items_product_id_fkey"
  FOREIGN KEY ("tenant_id", "product_id") REFERENCES "saas"."products" ("tenant_id", "id") ON DELETE RESTRICT;

ALTER TABLE "saas"."contacts" ADD CONSTRAINT "contacts_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "saas"."organizations" ("id") ON DELETE RESTRICT;

ALTER TABLE "saas"."addresses" ADD CONSTRAINT "addresses_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "saas"."organizations" ("id") ON DELETE RESTRICT;

ALTER TABLE "saas"."addresses" ADD CONSTRAINT "addresses_contact_id_fkey"
  FOREIGN KEY ("tenant_id", "contact_id") REFERENCES "saas"."contacts" ("tenant_id", "id") ON DELETE CASCADE;
