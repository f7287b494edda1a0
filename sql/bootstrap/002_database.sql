-- Who may do what in this database, before there is any table.
DO $database$
BEGIN
  -- PUBLIC could connect, make temporary tables, and look into the schema public.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO tenantry_app', current_database());
  EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO tenantry_owner', current_database());
END
$database$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
