// What the guard asks the catalog. All of it runs with an empty search path but pg_catalog.
#pragma once

#include "server/migrate/bootstrap_sql.h"

namespace tenantry::migrate {

constexpr char kDatabaseQuery[] = R"(
  SELECT datname, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database())";

// The roles at issue: the login and all it may become.
constexpr char kRolesQuery[] = R"(
  SELECT r.rolname, r.rolname = session_user, r.rolsuper, r.rolbypassrls, r.rolinherit,
         r.rolcreaterole, r.rolname LIKE 'pg\_%'
  FROM pg_roles r
  WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND (r.rolname = session_user OR NOT
        (SELECT rolsuper FROM pg_roles WHERE rolname = session_user))
  ORDER BY 1)";

// Relations that count: not the system's own, and no temporary ones, which only their session sees.
#define TENANTRY_RELATIONS                                                  \
  "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"                \
  "  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')" \
  "  AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'"

// Whether an extension made the relation.
#define TENANTRY_OF_EXTENSION                                              \
  "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass" \
  "  AND d.objid = c.oid AND d.deptype = 'e')"

constexpr char kOwnedQuery[] =
    "SELECT r.rolname, n.nspname, c.relname, " TENANTRY_OF_EXTENSION "  FROM " TENANTRY_RELATIONS
    "  JOIN pg_roles r ON r.oid = c.relowner"
    " WHERE r.rolname = ANY ($1) ORDER BY 1, 2, 3";

// Relations that the login itself may touch.
constexpr char kRightsQuery[] =
    "SELECT n.nspname, c.relname, " TENANTRY_OF_EXTENSION "  FROM " TENANTRY_RELATIONS
    " WHERE has_table_privilege(session_user, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
    "    OR has_any_column_privilege(session_user, c.oid, 'SELECT, INSERT, UPDATE')"
    " ORDER BY 1, 2";

constexpr char kTenantIdQuery[] = R"(
  SELECT btrim(p.prosrc, E' \n\t'), p.provolatile = 's' AND l.lanname = 'sql' AND NOT p.prosecdef
         AND p.proconfig IS NULL AND p.prorettype = 'uuid'::regtype
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE n.nspname = 'tenantry' AND p.proname = 'tenant_id' AND p.pronargs = 0)";

constexpr char kFunctionsQuery[] =
    "SELECT " TENANTRY_SIGNATURE
    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'tenantry'";

// $1: namespaces. The names of what they take come in order, and those of what they return are left
// out.
constexpr char kMethodFunctionsQuery[] = R"(
  SELECT n.nspname, p.proname, p.prosecdef,
         coalesce(array_to_string(p.proargnames[1:p.pronargs], ', '), '')
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = ANY ($1) AND p.prokind = 'f')";

// $1: namespaces, $2: tenant roles.
constexpr char kTablesQuery[] =
    "SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity,"
    "       c.relkind = 'm', " TENANTRY_OF_EXTENSION
    ",      EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY ($2)"
    "         AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
    "              OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')))"
    "  FROM " TENANTRY_RELATIONS
    " WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm') ORDER BY 1, 2";

// $1: namespaces, $2: tenant roles.
constexpr char kViewsQuery[] =
    "SELECT n.nspname, c.relname,"
    "       NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o"
    "         WHERE o.option_name = 'security_invoker' AND o.option_value::boolean),"
    "       " TENANTRY_OF_EXTENSION
    ",      EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY ($2)"
    "         AND (has_table_privilege(r.oid, c.oid, 'SELECT')"
    "              OR has_any_column_privilege(r.oid, c.oid, 'SELECT')))"
    "  FROM " TENANTRY_RELATIONS " WHERE n.nspname = ANY ($1) AND c.relkind = 'v' ORDER BY 1, 2";

constexpr char kColumnsQuery[] = R"(
  SELECT n.nspname, c.relname, a.attname, a.attnotnull, tn.nspname, t.typname,
         coalesce(substring(format_type(a.atttypid, a.atttypmod) FROM '\((.*)\)'), ''),
         a.atthasdef OR a.attidentity <> '', a.attgenerated <> ''
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped)";

constexpr char kLabelsQuery[] = R"(
  SELECT n.nspname, t.typname, e.enumlabel
  FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE n.nspname = ANY ($1))";

// Permissive policies that apply to the login or to what it may become.
constexpr char kPoliciesQuery[] = R"(
  SELECT schemaname, tablename, policyname, cmd, coalesce(qual, ''), coalesce(with_check, ''),
         array_to_string(roles, ',')
  FROM pg_policies
  WHERE permissive = 'PERMISSIVE' AND schemaname = ANY ($1)
    AND EXISTS (SELECT FROM unnest(roles) AS role(name) WHERE role.name = 'public'
                OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role.name
                           AND pg_has_role(session_user, r.oid, 'MEMBER')))
  ORDER BY 1, 2, 3)";

// Changes whenever an answer to one of the questions above may have changed. Every change of a
// catalog row makes a new version of it with the xmin of the transaction that made it, so that all
// (oid, xmin) together tell one state of the catalog from another. pg_roles, a view, has no xmin:
// its columns stand for it. Where two hashes are added, their sum is the same in every order.
constexpr char kFingerprintQuery[] =
    "WITH relations AS MATERIALIZED (SELECT c.oid, c.xmin FROM " TENANTRY_RELATIONS R"(),
  marks(mark) AS (
    SELECT hash_record_extended(ROW (1, oid, xmin), 0) FROM relations
    UNION ALL
    SELECT hash_record_extended(ROW (2, a.attrelid, a.attnum, a.xmin), 0)
    FROM pg_attribute a JOIN relations r ON r.oid = a.attrelid WHERE a.attnum > 0
    UNION ALL SELECT hash_record_extended(ROW (3, oid, xmin), 0) FROM pg_policy
    UNION ALL SELECT hash_record_extended(ROW (4, oid, xmin), 0) FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\_%'
    UNION ALL
    SELECT hash_record_extended(ROW (5, oid, xmin), 0) FROM pg_proc
    WHERE pronamespace IN (SELECT oid FROM pg_namespace
                           WHERE nspname = 'tenantry' OR nspname = ANY ($1))
    UNION ALL
    SELECT hash_record_extended(ROW (6, t.oid, t.xmin), 0)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = ANY ($1)
    UNION ALL SELECT hash_record_extended(ROW (7, oid, xmin), 0) FROM pg_enum
    UNION ALL SELECT hash_record_extended(ROW (8, roleid, member, xmin), 0) FROM pg_auth_members
    UNION ALL
    SELECT hash_record_extended(ROW (9, oid, rolname, rolsuper, rolinherit, rolcreaterole,
                                     rolcanlogin, rolbypassrls), 0) FROM pg_roles
    UNION ALL
    SELECT hash_record_extended(ROW (10, objid), 0) FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND classid = 'pg_class'::regclass
      AND deptype = 'e')
  SELECT concat_ws(' ', session_user, current_database(), count(*), sum(mark)) FROM marks)";

#undef TENANTRY_OF_EXTENSION
#undef TENANTRY_RELATIONS

}  // namespace tenantry::migrate
