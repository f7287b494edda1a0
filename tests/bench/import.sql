-- The rows of import_frames.pl, as COPY takes them.
SELECT '01920000-0000-7000-8000-000000000001'::uuid AS tenant_id,
       ('01980000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
       ('Imported ' || n)::varchar AS name, ('imported' || n || '@tenant.example')::varchar AS email,
       ('+49 30 ' || (1000000 + n))::varchar AS phone,
       (enum_range(NULL::saas.contact_type))[n % 3 + 1] AS type, n % 7 <> 0 AS is_active,
       CASE WHEN n % 4 = 0 THEN 'Prefers to be called in the afternoon.' END AS notes
FROM generate_series(1, :contacts) AS n
