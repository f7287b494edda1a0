-- Demo data: three tenants with contacts, products, addresses and orders. Loading it again changes nothing.
--
-- Run it as tenantry_app, the server's login. Rows are written as the server writes them: in a transaction that takes a
-- role and sets the tenant. A row of any other tenant would be refused, for the owner of the tables too: row-level security
-- is forced on it. Each turn of the loop sets another tenant.
BEGIN;
SELECT set_config('role', 'admin', true);

DO $demo$
DECLARE
  firsts text[] := '{Ada,Ben,Carla,Deniz,Elena,Farid,Grace,Hugo,Ines,Jonas,Kaya,Liam,Mira,Noor,Oscar,Priya,Quinn,Rosa,'
                   'Sven,Tala}';
  lasts text[] := '{Abbott,Bauer,Castillo,Dupont,Eriksen,Fischer,Garcia,Haddad,Ivanova,Jensen,Kowalski,Larsen,Moreau,'
                  'Nakamura,Okafor,Petrov,Rossi,Silva,Tanaka,Weber}';
  trades text[] := '{Supplies,Logistics,Studio,Partners,Works}';
  streets text[] := '{"Harbour Street","Mill Lane","Station Road","Garden Row","Market Square","North Quay"}';
  cities text[] := '{Lisbon,Hamburg,Lyon,Krakow,Bergen,Turin,Ghent,Dublin}';
  countries text[] := '{PT,DE,FR,PL,NO,IT,BE,IE}';
  statuses text[] := '{pending,processing,shipped,delivered,delivered,cancelled}';
  tenant record;
BEGIN
  FOR tenant IN
    SELECT * FROM (VALUES
      (1, '01920000-0000-7000-8000-00000000ac3e'::uuid, 'Acme Tools', 'acme.example.com',
       ARRAY['Claw hammer', 'Cordless drill', 'Spirit level', 'Ratchet set', 'Tape measure', 'Hand saw', 'Work gloves',
             'Tool chest', 'Step ladder', 'Chalk line', 'Pipe wrench', 'Safety goggles']),
      (2, '01920000-0000-7000-8000-0000000061b0'::uuid, 'Globex Coffee', 'globex.example.org',
       ARRAY['House blend', 'Single origin Sidamo', 'Decaf Huila', 'Espresso roast', 'Paper filters', 'Gooseneck kettle',
             'Hand grinder', 'Moka pot', 'Glass dripper', 'Milk jug', 'Tasting set', 'Cold brew bottle']),
      (3, '01920000-0000-7000-8000-0000000171ec'::uuid, 'Initech Office', 'initech.example.net',
       ARRAY['Desk lamp', 'Standing desk', 'Ergonomic chair', 'Label printer', 'Whiteboard', 'Monitor arm', 'Notebook A5',
             'Gel pens', 'Filing cabinet', 'Paper shredder', 'Cable tray', 'Wall clock'])
    ) AS tenants(number, id, name, domain, products)
  LOOP
    PERFORM set_config('app.tenant_id', tenant.id::text, true);

    INSERT INTO saas.organizations (id, name, created_at, updated_at)
    VALUES (tenant.id, tenant.name, '2025-01-01 08:00+00', '2025-01-01 08:00+00')
    ON CONFLICT DO NOTHING;

    -- Identifiers are spelt out of kind, number and tenant, so that a row is the same one every time.
    INSERT INTO saas.products
      (tenant_id, id, slug, name, price_cents, stock, is_active, tags, created_at, updated_at)
    SELECT tenant.id, format('01920002-%s-7000-8000-%s', lpad(to_hex(n), 4, '0'), right(tenant.id::text, 12))::uuid,
           lower(replace(product, ' ', '-')), product, 450 + (n * n * 370 + tenant.number * 110) % 18000,
           (n * 17 + tenant.number * 5) % 90, n % 11 <> 0,
           CASE WHEN n % 4 = 0 THEN '{new}' WHEN n % 3 = 0 THEN '{sale,popular}' ELSE '{popular}' END::text[],
           at, at
    FROM unnest(tenant.products) WITH ORDINALITY AS catalog(product, n),
         LATERAL (SELECT timestamptz '2025-01-02 09:00+00' + n * interval '1 hour') AS times(at)
    ON CONFLICT DO NOTHING;

    INSERT INTO saas.contacts
      (tenant_id, id, name, email, phone, type, is_active, notes, metadata, created_at, updated_at)
    SELECT tenant.id, format('01920001-%s-7000-8000-%s', lpad(to_hex(n), 4, '0'), right(tenant.id::text, 12))::uuid,
           CASE WHEN company THEN last || ' ' || trade ELSE first || ' ' || last END,
           CASE WHEN company THEN 'office.' || lower(last || '.' || trade) ELSE lower(first || '.' || last) END
             || '@' || tenant.domain,
           '+1555' || lpad((tenant.number * 1000 + n * 7)::text, 7, '0'),
           (CASE WHEN company THEN 'company' WHEN n % 9 = 0 THEN 'partner' ELSE 'individual' END)::saas.contact_type,
           n % 13 <> 0, CASE WHEN n % 10 = 0 THEN 'Prefers to be called in the morning.' END,
           jsonb_build_object('source', (ARRAY['website', 'referral', 'fair'])[1 + n % 3], 'newsletter', n % 2 = 0),
           at, at
    FROM generate_series(1, 40) AS n,
         LATERAL (SELECT n % 5 = 0 AS company,
                         firsts[1 + (n * 7 + tenant.number * 3) % 20] AS first,
                         lasts[1 + (n * 11 + n / 20 * 3 + tenant.number * 5) % 20] AS last,
                         trades[1 + (n / 5) % 5] AS trade,
                         timestamptz '2025-01-06 09:00+00' + n * interval '7 hours' AS at) AS person
    ON CONFLICT DO NOTHING;

    -- One address for each contact, a second one for every fourth.
    INSERT INTO saas.addresses (tenant_id, id, contact_id, line1, city, postal_code, country, is_default)
    SELECT tenant.id, format('01920003-%s-7000-8000-%s', lpad(to_hex(n), 4, '0'), right(tenant.id::text, 12))::uuid,
           format('01920001-%s-7000-8000-%s', lpad(to_hex(contact), 4, '0'), right(tenant.id::text, 12))::uuid,
           (1 + n * 3) || ' ' || streets[1 + n % 6], cities[place], lpad((10000 + n * 137 % 90000)::text, 5, '0'),
           countries[place], n <= 40
    FROM generate_series(1, 50) AS n,
         LATERAL (SELECT CASE WHEN n <= 40 THEN n ELSE (n - 40) * 4 END AS contact,
                         1 + (n + tenant.number) % 8 AS place) AS chosen
    ON CONFLICT DO NOTHING;

    WITH wanted AS (
      SELECT o AS number, item, product.id AS product_id, 1 + (o + item) % 4 AS quantity, product.price_cents
      FROM generate_series(1, 60) AS o, LATERAL generate_series(0, o % 3) AS item,
           LATERAL (SELECT id, price_cents FROM saas.products
                    WHERE slug = lower(replace(tenant.products[1 + (o * 5 + item * 7) % 12], ' ', '-'))) AS product
    ), made AS (
      INSERT INTO saas.orders
        (tenant_id, id, contact_id, status, total_cents, shipping_address_id, tracking_number, created_at, updated_at)
      SELECT tenant.id, format('01920004-%s-7000-8000-%s', lpad(to_hex(number), 4, '0'), right(tenant.id::text, 12))::uuid,
             format('01920001-%s-7000-8000-%s', lpad(to_hex(buyer), 4, '0'), right(tenant.id::text, 12))::uuid,
             statuses[1 + number % 6]::saas.order_status, sum(quantity * price_cents),
             format('01920003-%s-7000-8000-%s', lpad(to_hex(buyer), 4, '0'), right(tenant.id::text, 12))::uuid,
             CASE WHEN number % 6 IN (2, 3, 4) THEN 'TRACK' || lpad((tenant.number * 10000 + number)::text, 8, '0') END,
             timestamptz '2025-02-03 10:00+00' + number * interval '11 hours',
             timestamptz '2025-02-03 10:00+00' + number * interval '11 hours'
      FROM wanted, LATERAL (SELECT 1 + number * 13 % 40 AS buyer) AS chosen
      GROUP BY number, buyer
      ON CONFLICT DO NOTHING
    )
    INSERT INTO saas.order_items (tenant_id, id, order_id, product_id, quantity, price_cents)
    SELECT tenant.id, format('01920005-%s-7000-8000-%s', lpad(to_hex(number * 8 + item), 4, '0'), right(tenant.id::text, 12))::uuid,
           format('01920004-%s-7000-8000-%s', lpad(to_hex(number), 4, '0'), right(tenant.id::text, 12))::uuid,
           product_id, quantity, price_cents
    FROM wanted
    ON CONFLICT DO NOTHING;
  END LOOP;
END
$demo$;
COMMIT;
