-- GetContact {id: '01920000-0000-7000-8000-000000000001'}
SELECT "id", "name", "email", "phone", "type", "is_active", "notes", "stripe_customer_id", "metadata", "created_at", "updated_at", "deleted_at" FROM "saas"."contacts" WHERE "tenant_id" = $1::uuid AND "id" = $2::uuid;

-- ListContacts {}
SELECT page."id", page."name", page."email", page."phone", page."type", page."is_active", page."notes", page."stripe_customer_id", page."metadata", page."created_at", page."updated_at", page."deleted_at" FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL ORDER BY t."id" LIMIT 64) AS page ORDER BY page."id" LIMIT $2::bigint;

-- ListContacts {show_deleted: true order_by { field: CONTACT_ORDER_FIELD_CREATED_AT direction: DIRECTION_DESC }}
SELECT page."id", page."name", page."email", page."phone", page."type", page."is_active", page."notes", page."stripe_customer_id", page."metadata", page."created_at", page."updated_at", page."deleted_at" FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid ORDER BY t."created_at" DESC, t."id" DESC LIMIT 64) AS page ORDER BY page."created_at" DESC, page."id" DESC LIMIT $2::bigint;

-- ListContacts {filter { email { eq: 'a@x' } type { eq: CONTACT_TYPE_COMPANY } }}
SELECT page."id", page."name", page."email", page."phone", page."type", page."is_active", page."notes", page."stripe_customer_id", page."metadata", page."created_at", page."updated_at", page."deleted_at" FROM (SELECT * FROM "saas"."contacts" AS t WHERE t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND t."email" = $2::text AND t."type" = $3::text::"saas"."contact_type" ORDER BY t."id" LIMIT 64) AS page ORDER BY page."id" LIMIT $4::bigint;

-- CreateContact {contact { name: 'Ada' }}
INSERT INTO "saas"."contacts" AS t ("tenant_id", "id", "name", "email", "phone", "type", "is_active", "notes", "stripe_customer_id", "metadata", "created_at", "updated_at") VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, COALESCE($6::text::"saas"."contact_type", 'individual'::"saas"."contact_type"), COALESCE($7::boolean, true), $8::text, $9::text, COALESCE($10::text::jsonb, '{}'::jsonb), now(), now()) RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- UpdateContact {contact { id: '01920000-0000-7000-8000-000000000001' name: 'Ada' email: 'a@x' }}
UPDATE "saas"."contacts" AS t SET "name" = $1::text, "email" = $2::text, "updated_at" = now() WHERE "tenant_id" = $3::uuid AND "id" = $4::uuid AND "deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- UpdateContact {contact { id: '01920000-0000-7000-8000-000000000001' name: 'Ada' email: 'a@x' } update_mask { paths: '*' }}
UPDATE "saas"."contacts" AS t SET "name" = $1::text, "email" = $2::text, "phone" = $3::text, "type" = DEFAULT, "is_active" = DEFAULT, "notes" = $4::text, "stripe_customer_id" = $5::text, "metadata" = DEFAULT, "updated_at" = now() WHERE "tenant_id" = $6::uuid AND "id" = $7::uuid AND "deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- UpdateContact {contact { id: '01920000-0000-7000-8000-000000000001' name: 'Ada' email: 'a@x' } update_mask { paths: 'is_active' paths: 'phone' }}
UPDATE "saas"."contacts" AS t SET "phone" = $1::text, "is_active" = DEFAULT, "updated_at" = now() WHERE "tenant_id" = $2::uuid AND "id" = $3::uuid AND "deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- DeleteContact {id: '01920000-0000-7000-8000-000000000001'}
UPDATE "saas"."contacts" AS t SET "deleted_at" = now(), "updated_at" = now() WHERE "tenant_id" = $1::uuid AND "id" = $2::uuid AND "deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- UpsertContact {contact { id: '01920000-0000-7000-8000-000000000001' name: 'Ada' email: 'a@x' }}
INSERT INTO "saas"."contacts" AS t ("tenant_id", "id", "name", "email", "phone", "type", "is_active", "notes", "stripe_customer_id", "metadata", "created_at", "updated_at") VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, COALESCE($6::text::"saas"."contact_type", 'individual'::"saas"."contact_type"), COALESCE($7::boolean, true), $8::text, $9::text, COALESCE($10::text::jsonb, '{}'::jsonb), now(), now()) ON CONFLICT ("tenant_id", "id") DO UPDATE SET "name" = EXCLUDED."name", "email" = EXCLUDED."email", "updated_at" = now() WHERE t."deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- UpsertContact {contact { name: 'Ada' email: 'a@x' } conflict_key: CONTACT_KEY_EMAIL}
INSERT INTO "saas"."contacts" AS t ("tenant_id", "id", "name", "email", "phone", "type", "is_active", "notes", "stripe_customer_id", "metadata", "created_at", "updated_at") VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, COALESCE($6::text::"saas"."contact_type", 'individual'::"saas"."contact_type"), COALESCE($7::boolean, true), $8::text, $9::text, COALESCE($10::text::jsonb, '{}'::jsonb), now(), now()) ON CONFLICT ("tenant_id", "email") WHERE "deleted_at" IS NULL DO UPDATE SET "name" = EXCLUDED."name", "email" = EXCLUDED."email", "updated_at" = now() WHERE t."deleted_at" IS NULL RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- BatchGetContacts {ids: '01920000-0000-7000-8000-000000000001'}
SELECT t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at" FROM unnest($1::uuid[]) WITH ORDINALITY AS k (k0, position) LEFT JOIN "saas"."contacts" AS t ON t."tenant_id" = $2::uuid AND t."id" = k.k0 ORDER BY k.position;

-- BatchCreateContacts {requests { contact { name: 'Ada' } }}
INSERT INTO "saas"."contacts" AS t ("tenant_id", "id", "name", "email", "phone", "type", "is_active", "notes", "stripe_customer_id", "metadata", "created_at", "updated_at") SELECT $1::uuid, u.c0, u.c1, u.c2, u.c3, COALESCE(u.c4::"saas"."contact_type", 'individual'::"saas"."contact_type"), COALESCE(u.c5, true), u.c6, u.c7, COALESCE(u.c8::jsonb, '{}'::jsonb), now(), now() FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::text[], $10::text[]) WITH ORDINALITY AS u (c0, c1, c2, c3, c4, c5, c6, c7, c8, position) ORDER BY u.position RETURNING t."id", t."name", t."email", t."phone", t."type", t."is_active", t."notes", t."stripe_customer_id", t."metadata", t."created_at", t."updated_at", t."deleted_at";

-- BatchCreateProducts {requests { product { slug: 's' name: 'n' tags: 'a' } }}
INSERT INTO "saas"."products" AS t ("tenant_id", "id", "slug", "name", "description", "price_cents", "stock", "is_active", "tags", "created_at", "updated_at") SELECT $1::uuid, u.c0, u.c1, u.c2, u.c3, u.c4, COALESCE(u.c5, 0), COALESCE(u.c6, true), u.c7::text[], now(), now() FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[], $8::boolean[], $9::text[]) WITH ORDINALITY AS u (c0, c1, c2, c3, c4, c5, c6, c7, position) ORDER BY u.position RETURNING t."id", t."slug", t."name", t."description", t."price_cents", t."stock", t."is_active", t."tags", t."created_at", t."updated_at";

-- DeleteOrderItem {id: '01920000-0000-7000-8000-000000000001'}
DELETE FROM "saas"."order_items" WHERE "tenant_id" = $1::uuid AND "id" = $2::uuid RETURNING 1;

-- UpsertOrderItem {order_item { id: '01920000-0000-7000-8000-000000000001' order_id: '01920000-0000-7000-8000-000000000001' product_id: '01920000-0000-7000-8000-000000000001' quantity: 1 }}
INSERT INTO "saas"."order_items" AS t ("tenant_id", "id", "order_id", "product_id", "quantity", "price_cents") VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::integer, $6::integer) ON CONFLICT ("tenant_id", "id") DO UPDATE SET "order_id" = EXCLUDED."order_id", "product_id" = EXCLUDED."product_id", "quantity" = EXCLUDED."quantity" RETURNING t."id", t."order_id", t."product_id", t."quantity", t."price_cents";

-- GetOrganization {id: '01920000-0000-7000-8000-000000000001'}
SELECT "id", "name", "created_at", "updated_at" FROM "saas"."organizations" WHERE "id" = $1::uuid AND "id" = $2::uuid;

-- UpdateOrganization {organization { id: '01920000-0000-7000-8000-000000000001' name: 'Acme' }}
UPDATE "saas"."organizations" AS t SET "name" = $1::text, "updated_at" = now() WHERE "id" = $2::uuid AND "id" = $3::uuid RETURNING t."id", t."name", t."created_at", t."updated_at";

