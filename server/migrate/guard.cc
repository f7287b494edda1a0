#include "server/migrate/guard.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/migrate/model.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

// Body of tenantry.tenant_id() in sql/bootstrap, without outer blanks.
constexpr char kTenantIdBody[] = "SELECT nullif(current_setting('app.tenant_id', true), '')::uuid";

constexpr const char* kCommands[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

// The roles at issue: the login and all it may become.
constexpr char kRolesQuery[] = R"(
  SELECT r.rolname, r.rolname = session_user, r.rolsuper, r.rolbypassrls, r.rolinherit,
         r.rolcreaterole, r.rolname LIKE 'pg\_%'
  FROM pg_roles r
  WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND (r.rolname = session_user OR NOT
        (SELECT rolsuper FROM pg_roles WHERE rolname = session_user))
  ORDER BY 1)";

// Relations outside the system's own schemas that such a role owns.
constexpr char kOwnedQuery[] = R"(
  SELECT r.rolname, c.oid::regclass::text
  FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace <> 'pg_toast'::regnamespace
    AND pg_has_role(session_user, r.oid, 'MEMBER') AND r.rolname = ANY ($1)
  ORDER BY 1, 2)";

// Tables that the login itself may touch.
constexpr char kRightsQuery[] = R"(
  SELECT c.oid::regclass::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND (has_table_privilege(session_user, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege(session_user, c.oid, 'SELECT, INSERT, UPDATE'))
  ORDER BY 1)";

constexpr char kTenantIdQuery[] = R"(
  SELECT btrim(p.prosrc, E' \n\t'), p.provolatile = 's' AND l.lanname = 'sql' AND NOT p.prosecdef
         AND p.proconfig IS NULL AND p.prorettype = 'uuid'::regtype
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE n.nspname = 'tenantry' AND p.proname = 'tenant_id' AND p.pronargs = 0)";

constexpr char kRowTooLargeQuery[] = R"(
  SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                 WHERE n.nspname = 'tenantry' AND p.proname = 'row_too_large' AND p.pronargs = 0))";

constexpr char kTablesQuery[] = R"(
  SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relkind = 'm',
         EXISTS (SELECT FROM unnest($2::text[]) AS role(name) WHERE EXISTS (SELECT FROM pg_roles r
           WHERE r.rolname = role.name AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm')
  ORDER BY 1, 2)";

constexpr char kColumnsQuery[] = R"(
  SELECT n.nspname, c.relname, a.attname, a.attnotnull, tn.nspname, t.typname,
         coalesce(substring(format_type(a.atttypid, a.atttypmod) FROM '\((.*)\)'), '')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped)";

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

using TableKey = std::pair<std::string, std::string>;  // namespace, name

struct TypeName {
  std::string schema, name, modifier;
  friend bool operator==(const TypeName&, const TypeName&) = default;
  std::string ToString() const {
    return absl::StrCat(schema, ".", name,
                        modifier.empty() ? "" : absl::StrCat("(", modifier, ")"));
  }
};

// As the catalog names it, for types that need no more than their name.
const char* CatalogName(schema::Type type) {
  static const std::map<schema::Type, const char*> names = {
      {schema::Type::kBool, "bool"},       {schema::Type::kInt32, "int4"},
      {schema::Type::kInt64, "int8"},      {schema::Type::kFloat, "float4"},
      {schema::Type::kDouble, "float8"},   {schema::Type::kText, "text"},
      {schema::Type::kUuid, "uuid"},       {schema::Type::kUlid, "text"},
      {schema::Type::kNumeric, "numeric"}, {schema::Type::kDate, "date"},
      {schema::Type::kBytes, "bytea"},     {schema::Type::kTimestamp, "timestamptz"},
      {schema::Type::kJson, "jsonb"},
  };
  return names.at(type);
}

TypeName CatalogType(const schema::Column& column) {
  TypeName type{"pg_catalog", "", ""};
  if (column.type == schema::Type::kEnum) {
    type.schema = column.enum_type->schema;
    type.name = column.enum_type->name;
  } else if (column.type == schema::Type::kText && column.length_max > 0) {
    type.name = "varchar";
    type.modifier = absl::StrCat(column.length_max);
  } else {
    type.name = CatalogName(column.type);
    if (column.precision > 0) type.modifier = absl::StrCat(column.precision, ",", column.scale);
  }
  if (column.array) type.name = "_" + type.name;
  return type;
}

// Whether a policy's condition, as the catalog prints it, is the tenant condition or that ANDed
// with more. The printer puts parentheses around every operation, so "((condition) AND " can only
// be the beginning of an AND at the very top.
bool HasTenantCondition(const std::string& text, const std::string& tenant_column) {
  for (const std::string& name : {tenant_column, schema::QuoteIdentifier(tenant_column)}) {
    std::string condition = absl::StrCat("(", name, " = tenantry.tenant_id())");
    if (text == condition || absl::StartsWith(text, absl::StrCat("(", condition, " AND "))) {
      return true;
    }
  }
  return false;
}

class Guard {
 public:
  Guard(pqxx::work& tx, const schema::Schema& schema) : tx_(tx), schema_(schema) {
    std::set<std::string> namespaces;
    for (const schema::Table& table : schema.tables()) namespaces.insert(table.schema);
    namespaces_.assign(namespaces.begin(), namespaces.end());
  }

  std::vector<std::string> Run() {
    // The printer leaves a schema's name out when the search path has it.
    tx_.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    tx_.exec("SET LOCAL search_path = pg_catalog");
    CheckRoles();
    CheckRights();
    CheckTenantFunction();
    CheckRowTooLarge();
    ReadTables();
    ReadColumns();
    ReadPolicies();
    for (const schema::Table& table : schema_.tables()) CheckTable(table);
    CheckStrangers();
    return std::move(findings_);
  }

 private:
  template <typename... Parts>
  void Find(const Parts&... parts) {
    findings_.push_back(absl::StrCat(parts...));
  }

  void CheckRoles() {
    std::set<std::string> possible;
    for (const pqxx::row& row : tx_.exec(kRolesQuery)) {
      std::string role = row[0].as<std::string>();
      possible.insert(role);
      bool is_login = row[1].as<bool>();
      std::string who = absl::StrCat(is_login ? "login role " : "role ", role,
                                     is_login ? "" : ", which the login may become,");
      if (row[2].as<bool>()) Find(who, " is a superuser: row-level security does not hold for it");
      if (row[3].as<bool>()) Find(who, " has BYPASSRLS");
      if (is_login && row[4].as<bool>()) {
        Find(who, " inherits rights (INHERIT): a transaction without a tenant could touch tables");
      }
      if (row[5].as<bool>()) Find(who, " may create roles (CREATEROLE)");
      if (row[6].as<bool>()) Find(who, " is a predefined role with rights of its own");
    }
    for (const std::string& role : TenantRoles()) {
      if (!possible.contains(role)) Find("the login may not become role ", role);
    }
    roles_.assign(possible.begin(), possible.end());
  }

  void CheckRights() {
    for (const pqxx::row& row : tx_.exec(kOwnedQuery, pqxx::params{roles_})) {
      Find("role ", row[0].as<std::string>(), " owns ", row[1].as<std::string>(),
           ": an owner can switch row-level security off");
    }
    for (const pqxx::row& row : tx_.exec(kRightsQuery)) {
      Find("the login role has rights of its own on ", row[0].as<std::string>());
    }
  }

  void CheckTenantFunction() {
    pqxx::result result = tx_.exec(kTenantIdQuery);
    if (result.empty()) {
      Find("function tenantry.tenant_id() does not exist; run `tenantryd migrate --bootstrap`");
    } else if (result[0][0].as<std::string>() != kTenantIdBody || !result[0][1].as<bool>()) {
      Find(
          "function tenantry.tenant_id() is not the one that `tenantryd migrate --bootstrap` "
          "makes");
    }
  }

  // Updates call it: without it they would all fail.
  void CheckRowTooLarge() {
    if (tx_.query_value<bool>(kRowTooLargeQuery)) return;
    Find("function tenantry.row_too_large() does not exist; run `tenantryd migrate`");
  }

  struct TableState {
    bool enabled, forced, materialized_view, accessible;
  };
  struct ColumnState {
    bool not_null;
    TypeName type;
  };
  struct PolicyState {
    std::string name, command, using_sql, check_sql, roles;
  };

  void ReadTables() {
    for (const pqxx::row& row : tx_.exec(kTablesQuery, pqxx::params{namespaces_, TenantRoles()})) {
      tables_[{row[0].as<std::string>(), row[1].as<std::string>()}] = {
          row[2].as<bool>(), row[3].as<bool>(), row[4].as<bool>(), row[5].as<bool>()};
    }
  }

  void ReadColumns() {
    for (const pqxx::row& row : tx_.exec(kColumnsQuery, pqxx::params{namespaces_})) {
      columns_[{row[0].as<std::string>(), row[1].as<std::string>()}][row[2].as<std::string>()] = {
          row[3].as<bool>(),
          {row[4].as<std::string>(), row[5].as<std::string>(), row[6].as<std::string>()}};
    }
  }

  void ReadPolicies() {
    for (const pqxx::row& row : tx_.exec(kPoliciesQuery, pqxx::params{namespaces_})) {
      policies_[{row[0].as<std::string>(), row[1].as<std::string>()}].push_back(
          {row[2].as<std::string>(), row[3].as<std::string>(), row[4].as<std::string>(),
           row[5].as<std::string>(), row[6].as<std::string>()});
    }
  }

  void CheckTable(const schema::Table& table) {
    TableKey key{table.schema, table.name};
    std::string name = absl::StrCat(table.schema, ".", table.name);
    auto found = tables_.find(key);
    if (found == tables_.end()) {
      return Find("table ", name, " does not exist; run `tenantryd migrate`");
    }
    if (!found->second.enabled) Find("table ", name, " has row-level security disabled");
    if (!found->second.forced)
      Find("table ", name, " does not force row-level security on its owner");
    CheckPolicies(table, name, policies_[key]);
    CheckColumns(table, name, columns_[key]);
  }

  void CheckPolicies(const schema::Table& table, const std::string& name,
                     const std::vector<PolicyState>& policies) {
    std::set<std::pair<std::string, std::string>> covered;  // role, command
    for (const PolicyState& policy : policies) {
      bool reads = policy.command != "INSERT";
      bool writes = policy.command != "SELECT" && policy.command != "DELETE";
      // Without WITH CHECK the USING condition stands in for it.
      bool holds = (!reads || HasTenantCondition(policy.using_sql, table.tenant_column)) &&
                   (!writes || (policy.check_sql.empty() && reads) ||
                    HasTenantCondition(policy.check_sql, table.tenant_column));
      if (!holds) {
        Find("policy ", policy.name, " on ", name, " (for ", policy.command, " to ", policy.roles,
             ") lets rows of every tenant through: it lacks the tenant condition");
      }
      for (absl::string_view role : absl::StrSplit(policy.roles, ',')) {
        for (const char* command : kCommands) {
          if (policy.command == "ALL" || policy.command == command) {
            covered.insert({std::string(role), command});
          }
        }
      }
    }
    for (const std::string& role : TenantRoles()) {
      std::vector<std::string> missing;
      for (const char* command : kCommands) {
        if (!covered.contains({role, command})) missing.push_back(command);
      }
      if (missing.empty()) continue;
      Find("table ", name, " has no policy for role ", role, " (", absl::StrJoin(missing, ", "),
           ")");
    }
  }

  void CheckColumns(const schema::Table& table, const std::string& name,
                    const std::map<std::string, ColumnState>& columns) {
    auto check = [&](const std::string& column, const TypeName& type, bool not_null) {
      auto found = columns.find(column);
      if (found == columns.end()) {
        Find("column ", name, ".", column, " does not exist; run `tenantryd migrate`");
      } else if (!(found->second.type == type)) {
        Find("column ", name, ".", column, " is of type ", found->second.type.ToString(), ", not ",
             type.ToString());
      } else if (found->second.not_null != not_null) {
        Find("column ", name, ".", column, not_null ? " allows NULL" : " does not allow NULL");
      }
    };
    check(table.tenant_column, {"pg_catalog", "uuid", ""}, true);
    for (const schema::Column& column : table.columns) {
      if (column.name != table.tenant_column)
        check(column.name, CatalogType(column), column.not_null);
    }
  }

  // Tables beside ours that would be an open door.
  void CheckStrangers() {
    std::set<TableKey> known;
    for (const schema::Table& table : schema_.tables()) known.insert({table.schema, table.name});
    for (const auto& [key, state] : tables_) {
      if (known.contains(key) || !state.accessible) continue;
      if (state.materialized_view || !state.enabled || !state.forced) {
        Find(state.materialized_view ? "materialized view " : "table ", key.first, ".", key.second,
             " is not in the schema, and tenant roles can reach it without row-level security");
      }
    }
  }

  pqxx::work& tx_;
  const schema::Schema& schema_;
  std::vector<std::string> namespaces_;
  std::vector<std::string> roles_;
  std::map<TableKey, TableState> tables_;
  std::map<TableKey, std::map<std::string, ColumnState>> columns_;
  std::map<TableKey, std::vector<PolicyState>> policies_;
  std::vector<std::string> findings_;
};

}  // namespace

absl::Status VerifyDatabase(pqxx::connection& connection, const schema::Schema& schema) {
  std::vector<std::string> findings;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(connection);
    findings = Guard(tx, schema).Run();
  });
  if (!status.ok() || findings.empty()) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("the database is not safe to serve from:\n  ", absl::StrJoin(findings, "\n  ")));
}

}  // namespace tenantry::migrate
