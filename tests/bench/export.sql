-- Rows for an export: further contacts of the first tenant, with keys that grow as those of the server do.
INSERT INTO saas.contacts (tenant_id, id, name, email, phone, type, is_active, notes)
SELECT '01920000-0000-7000-8000-000000000001',
       ('01970000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       'Contact ' || n, 'exported' || n || '@tenant.example', '+49 30 ' || (1000000 + n),
       (ARRAY['individual', 'company', 'partner'])[n % 3 + 1]::saas.contact_type, n % 7 <> 0,
       CASE WHEN n % 4 = 0 THEN 'Prefers to be called in the afternoon.' END
FROM generate_series(1, :contacts) AS n;
VACUUM ANALYZE saas.contacts;
