-- Rows of a benchmark: `tenants` tenants with `contacts` contacts each, ids that a script can compute:
-- tenant t is 01920000-0000-7000-8000-<t as 12 hex digits>, its contact n is 01930000-<t as 4>-7000-8000-<n as 12>.
-- Runs as superuser, so row-level security does not apply.
INSERT INTO saas.organizations (id, name)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, 'Tenant ' || t
FROM generate_series(1, :tenants) AS t;

INSERT INTO saas.contacts (tenant_id, id, name, email, phone, type, is_active, notes)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid,
       ('01930000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       'Contact ' || n || ' of ' || t,
       'contact' || n || '@tenant' || t || '.example',
       '+49 30 ' || (1000000 + n),
       (ARRAY['individual', 'company', 'partner'])[n % 3 + 1]::saas.contact_type,
       n % 7 <> 0,
       CASE WHEN n % 4 = 0 THEN 'Prefers to be called in the afternoon.' END
FROM generate_series(1, :tenants) AS t, generate_series(1, :contacts) AS n;

-- Orders of the first tenant, over up to 90 days, one a minute.
INSERT INTO saas.orders (tenant_id, id, contact_id, status, total_cents, created_at)
SELECT '01920000-0000-7000-8000-000000000001',
       ('01940000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('01930000-0001-7000-8000-' || lpad(to_hex(n % :contacts + 1), 12, '0'))::uuid,
       (enum_range(NULL::saas.order_status))[n % 5 + 1],
       n % 100000,
       timestamptz '2026-01-01 00:00:00+00' + n % 129600 * interval '1 minute'
FROM generate_series(1, :orders) AS n;

-- Of each tenant 20 products (01950000-...), and 100 orders (01940000-...) of three items (01960000-...).
INSERT INTO saas.products (tenant_id, id, slug, name, price_cents)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid,
       ('01950000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       'product-' || n, 'Product ' || n, 100 * n
FROM generate_series(1, :tenants) AS t, generate_series(1, 20) AS n;

INSERT INTO saas.orders (tenant_id, id, contact_id, status, total_cents)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid,
       ('01940000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('01930000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       (ARRAY['pending', 'shipped', 'delivered'])[n % 3 + 1]::saas.order_status, 1000 * n
FROM generate_series(1, :tenants) AS t, generate_series(1, least(100, :contacts)) AS n;

INSERT INTO saas.order_items (tenant_id, id, order_id, product_id, quantity, price_cents)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid,
       ('01960000-' || lpad(to_hex(t), 4, '0') || '-7000-800' || i || '-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('01940000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('01950000-' || lpad(to_hex(t), 4, '0') || '-7000-8000-' || lpad(to_hex((n + i) % 20 + 1), 12, '0'))::uuid,
       i, 100 * i
FROM generate_series(1, :tenants) AS t, generate_series(1, least(100, :contacts)) AS n, generate_series(1, 3) AS i;

VACUUM ANALYZE;
