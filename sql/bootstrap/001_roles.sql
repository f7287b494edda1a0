-- Roles of Tenantry. Run once per cluster and database by a superuser, or by the database's owner when it
-- has CREATEROLE; running it again changes nothing.
--
--   tenantry_owner  owns the tables, runs migrations. Row-level security is forced on it too.
--   tenantry_app    the server's login. Inherits nothing and owns nothing: until a transaction takes one of the
--                   roles below it can touch no table.
--   authenticated, support, admin  what a transaction runs as; policies and grants name them.
--
-- Passwords are not set here.
DO $roles$
DECLARE
  wanted record;
  found pg_catalog.pg_roles%ROWTYPE;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES ('tenantry_owner', true, true), ('tenantry_app', true, false),
                          ('authenticated', false, false), ('support', false, false), ('admin', false, false))
      AS roles(name, login, inherit)
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I %s %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted.name,
                     CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END,
                     CASE WHEN wanted.inherit THEN 'INHERIT' ELSE 'NOINHERIT' END);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- there already, maybe since a moment ago
    END;
    -- A role that exists is brought into line where it matters for isolation; only a superuser may do some of it.
    SELECT * INTO found FROM pg_catalog.pg_roles WHERE rolname = wanted.name;
    IF found.rolsuper THEN EXECUTE format('ALTER ROLE %I NOSUPERUSER', wanted.name); END IF;
    IF found.rolbypassrls THEN EXECUTE format('ALTER ROLE %I NOBYPASSRLS', wanted.name); END IF;
    IF found.rolcreaterole THEN EXECUTE format('ALTER ROLE %I NOCREATEROLE', wanted.name); END IF;
    IF found.rolinherit <> wanted.inherit THEN
      EXECUTE format('ALTER ROLE %I %s', wanted.name, CASE WHEN wanted.inherit THEN 'INHERIT' ELSE 'NOINHERIT' END);
    END IF;
    IF found.rolcanlogin <> wanted.login THEN
      EXECUTE format('ALTER ROLE %I %s', wanted.name, CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END);
    END IF;
  END LOOP;
END
$roles$;

DO $memberships$
DECLARE
  member_role name;
  -- From PostgreSQL 16 on inheriting is an option of the membership, no longer of the role alone.
  options text := CASE WHEN current_setting('server_version_num')::int >= 160000
                       THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
  become text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  FOREACH member_role IN ARRAY ARRAY['authenticated', 'support', 'admin']::name[] LOOP
    -- Nothing to do where it is so already: only who administers a role may grant it, even to no effect.
    IF NOT pg_has_role('tenantry_app', member_role, become) OR pg_has_role('tenantry_app', member_role, 'USAGE') THEN
      EXECUTE format('GRANT %I TO tenantry_app%s', member_role, options);
    END IF;
  END LOOP;
  -- What follows is done as tenantry_owner. Since PostgreSQL 16 who creates a role is its member without the right
  -- to become it.
  IF NOT pg_has_role(current_user, 'tenantry_owner', become) THEN
    EXECUTE format('GRANT tenantry_owner TO %I', current_user);
  END IF;
END
$memberships$;
