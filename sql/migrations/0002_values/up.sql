-- Migration 0002_values, written by `tenantryd generate`. Review it before it is applied; after that it must not change.

ALTER TABLE "saas"."products" ADD CONSTRAINT "products_tags_check" CHECK (array_ndims("tags") = 1 AND array_position("tags", NULL) IS NULL) NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."products" VALIDATE CONSTRAINT "products_tags_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."products" ADD CONSTRAINT "products_created_at_check" CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."products" VALIDATE CONSTRAINT "products_created_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."products" ADD CONSTRAINT "products_updated_at_check" CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."products" VALIDATE CONSTRAINT "products_updated_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."orders" ADD CONSTRAINT "orders_created_at_check" CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."orders" VALIDATE CONSTRAINT "orders_created_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."orders" ADD CONSTRAINT "orders_updated_at_check" CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."orders" VALIDATE CONSTRAINT "orders_updated_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."contacts" ADD CONSTRAINT "contacts_metadata_check" CHECK (jsonb_typeof("metadata") = 'object' AND NOT jsonb_path_exists("metadata", 'strict $.** ? (@ > 1.7976931348623158e308 || @ < -1.7976931348623158e308)') AND NOT jsonb_path_exists("metadata", 'strict $.**{32 to last} ? (@.type() == "object" || @.type() == "array")')) NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."contacts" VALIDATE CONSTRAINT "contacts_metadata_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."contacts" ADD CONSTRAINT "contacts_created_at_check" CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."contacts" VALIDATE CONSTRAINT "contacts_created_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."contacts" ADD CONSTRAINT "contacts_updated_at_check" CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."contacts" VALIDATE CONSTRAINT "contacts_updated_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."contacts" ADD CONSTRAINT "contacts_deleted_at_check" CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."contacts" VALIDATE CONSTRAINT "contacts_deleted_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."organizations" ADD CONSTRAINT "organizations_created_at_check" CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."organizations" VALIDATE CONSTRAINT "organizations_created_at_check";

-- tenantry: in a transaction

ALTER TABLE "saas"."organizations" ADD CONSTRAINT "organizations_updated_at_check" CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00') NOT VALID;

-- tenantry: outside a transaction

-- Hazard: fails when a row breaks the condition.
ALTER TABLE "saas"."organizations" VALIDATE CONSTRAINT "organizations_updated_at_check";
