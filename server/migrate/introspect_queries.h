// What is asked of pg_catalog about the namespaces $1. Lists of names are one text, a name a line.
// What an extension made is left out everywhere.
#pragma once

namespace tenantry::migrate {

#define TENANTRY_NOT_OF_EXTENSION(class, oid)                     \
  "NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '" class \
      "'::regclass"                                               \
      "  AND x.objid = " oid " AND x.deptype = 'e')"

// Tables of ours, by their oid.
#define TENANTRY_TABLES                                                               \
  "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)" \
  "  AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'"                          \
  "  AND " TENANTRY_NOT_OF_EXTENSION("pg_class", "c.oid")

#define TENANTRY_VIEWS                                                                \
  "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)" \
  "  AND c.relkind = 'v' AND c.relpersistence = 'p'"                                  \
  "  AND " TENANTRY_NOT_OF_EXTENSION("pg_class", "c.oid")

#define TENANTRY_NAMES(table, numbers)                                          \
  "(SELECT string_agg(a.attname, E'\\n' ORDER BY place.n) FROM unnest(" numbers \
  "  ) WITH ORDINALITY AS place(attnum, n)"                                     \
  "   JOIN pg_attribute a ON a.attrelid = " table " AND a.attnum = place.attnum)"

constexpr char kEnumsQuery[] =
    "SELECT t.oid, n.nspname, t.typname, e.enumlabel"
    "  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
    "    LEFT JOIN pg_enum e ON e.enumtypid = t.oid"
    "  WHERE t.typtype = 'e' AND n.nspname = ANY ($1)"
    "    AND " TENANTRY_NOT_OF_EXTENSION("pg_type", "t.oid") "  ORDER BY 2, 3, e.enumsortorder";

constexpr char kTablesOfQuery[] =
    "SELECT c.oid, n.nspname, c.relname, obj_description(c.oid, 'pg_class'),"
    "       c.relrowsecurity, c.relforcerowsecurity"
    "  FROM " TENANTRY_TABLES " ORDER BY 2, 3";

constexpr char kColumnsOfQuery[] =
    "SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    "       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,"
    "       CASE WHEN a.attgenerated <> '' THEN 'generated'"
    "            WHEN a.attidentity <> '' THEN 'identity' END,"
    "       CASE WHEN a.attgenerated = 's' THEN pg_get_expr(d.adbin, d.adrelid) END"
    "  FROM " TENANTRY_TABLES
    "    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    "    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    "  ORDER BY c.oid, a.attnum";

// Columns of an expression, of another order or operator class are told by the whole definition.
constexpr char kIndexesOfQuery[] =
    "SELECT c.oid, i.relname, x.indisunique, m.amname, pg_get_expr(x.indpred, x.indrelid),"
    "       CASE WHEN x.indexprs IS NULL AND x.indnkeyatts = x.indnatts"
    "                 AND NOT EXISTS (SELECT FROM unnest(x.indoption) AS o WHERE o <> 0)"
    "            THEN " TENANTRY_NAMES("c.oid", "x.indkey")
    "            ELSE substring(pg_get_indexdef(x.indexrelid) FROM 'USING .*') END,"
    "       x.indisvalid, x.indisprimary"
    "  FROM " TENANTRY_TABLES
    "    JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid"
    "    JOIN pg_am m ON m.oid = i.relam"
    "  ORDER BY c.oid, i.relname";

constexpr char kConstraintsOfQuery[] =
    "SELECT c.oid, k.conname, k.contype, pg_get_expr(k.conbin, k.conrelid),"
    "       " TENANTRY_NAMES("k.conrelid", "k.conkey") ", tn.nspname, t.relname,"
    "       " TENANTRY_NAMES("k.confrelid", "k.confkey")
    ",      CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'"
    "         WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END"
    "         || CASE k.confupdtype WHEN 'a' THEN '' ELSE ' ON UPDATE ' || k.confupdtype::text END,"
    "       " TENANTRY_NAMES("k.conrelid", "k.confdelsetcols") ", k.convalidated"
    "  FROM " TENANTRY_TABLES
    "    JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('c', 'f')"
    "      AND k.conparentid = 0"
    "    LEFT JOIN pg_class t ON t.oid = k.confrelid"
    "    LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace"
    "  ORDER BY c.oid, k.conname";

constexpr char kPoliciesOfQuery[] =
    "SELECT c.oid, p.polname, CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT'"
    "         WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END,"
    "       (SELECT string_agg(coalesce(r.rolname, 'public'), E'\\n' ORDER BY r.rolname)"
    "          FROM unnest(p.polroles) AS role(oid) LEFT JOIN pg_roles r ON r.oid = role.oid),"
    "       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),"
    "       p.polpermissive"
    "  FROM " TENANTRY_TABLES
    " JOIN pg_policy p ON p.polrelid = c.oid"
    "  ORDER BY c.oid, p.polname";

// The owner's own rights are no grants.
constexpr char kGrantsOfQuery[] =
    "SELECT c.oid, coalesce(r.rolname, 'public'),"
    "       string_agg(acl.privilege_type, E'\\n' ORDER BY acl.privilege_type)"
    "  FROM " TENANTRY_TABLES
    "    CROSS JOIN LATERAL aclexplode(c.relacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee"
    "  WHERE acl.grantee <> c.relowner"
    "  GROUP BY c.oid, r.rolname ORDER BY c.oid, r.rolname";

// The owner's own rights are no grants. What is granted besides reading is no business of a view of
// ours.
constexpr char kViewsOfQuery[] =
    "SELECT c.oid, n.nspname, c.relname, obj_description(c.oid, 'pg_class'),"
    "       pg_get_viewdef(c.oid),"
    "       NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o"
    "         WHERE o.option_name = 'security_invoker' AND o.option_value::boolean),"
    "       (SELECT string_agg(coalesce(r.rolname, 'public'), E'\\n' ORDER BY r.rolname)"
    "          FROM aclexplode(c.relacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee"
    "          WHERE acl.grantee <> c.relowner AND acl.privilege_type = 'SELECT')"
    "  FROM " TENANTRY_VIEWS " ORDER BY 2, 3";

constexpr char kViewColumnsQuery[] =
    "SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod)"
    "  FROM " TENANTRY_VIEWS
    "    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    "  ORDER BY c.oid, a.attnum";

// What may be executed by default is by everybody.
constexpr char kFunctionsQuery[] =
    "SELECT n.nspname, p.proname,"
    "       (SELECT string_agg(coalesce(p.proargnames[a.n], '') || ' ' || format_type(a.type, "
    "NULL),"
    "                          E'\n' ORDER BY a.n)"
    "          FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, n)),"
    "       pg_get_function_result(p.oid), l.lanname, p.provolatile <> 'v', p.prosecdef,"
    "       array_to_string(p.proconfig, E'\n'), p.prosrc,"
    "       (SELECT string_agg(coalesce(r.rolname, 'public'), E'\n' ORDER BY r.rolname)"
    "          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl"
    "            LEFT JOIN pg_roles r ON r.oid = acl.grantee"
    "          WHERE acl.grantee <> p.proowner)"
    "  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = ANY ($1)"
    "    JOIN pg_language l ON l.oid = p.prolang"
    "  WHERE p.prokind = 'f' AND " TENANTRY_NOT_OF_EXTENSION("pg_proc",
                                                             "p.oid") "  ORDER BY 1, 2, 3";

constexpr char kStrangersQuery[] =
    "SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view '"
    "         WHEN 'S' THEN 'sequence ' WHEN 'f' THEN 'foreign table ' END"
    "         || n.nspname || '.' || c.relname AS what"
    "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)"
    "  WHERE c.relkind IN ('v', 'm', 'S', 'f')"
    "    AND " TENANTRY_NOT_OF_EXTENSION("pg_class", "c.oid")
    " UNION ALL"
    " SELECT 'trigger ' || t.tgname || ' on ' || n.nspname || '.' || c.relname"
    "  FROM " TENANTRY_TABLES " JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal"
    " UNION ALL"
    " SELECT 'function ' || n.nspname || '.' || p.proname || '('"
    "        || pg_get_function_identity_arguments(p.oid) || ')'"
    "  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = ANY ($1)"
    "  WHERE " TENANTRY_NOT_OF_EXTENSION("pg_proc", "p.oid")
    " UNION ALL"
    " SELECT 'right on the column ' || n.nspname || '.' || c.relname || '.' || a.attname"
    "  FROM " TENANTRY_TABLES
    "    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL"
    " ORDER BY 1";

#undef TENANTRY_NAMES
#undef TENANTRY_VIEWS
#undef TENANTRY_TABLES
#undef TENANTRY_NOT_OF_EXTENSION

}  // namespace tenantry::migrate
