#include "server/migrate/guard.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/base/roles.h"
#include "server/migrate/bootstrap_sql.h"
#include "server/migrate/column_fit.h"
#include "server/migrate/findings.h"
#include "server/migrate/guard_queries.h"
#include "server/schema/kinds.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"

namespace tenantry::migrate {
namespace {

// Body of tenantry.tenant_id() in sql/bootstrap, without outer blanks.
constexpr char kTenantIdBody[] = "SELECT nullif(current_setting('app.tenant_id', true), '')::uuid";

constexpr const char* kCommands[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

using TableKey = std::pair<std::string, std::string>;  // namespace, name

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

std::vector<std::string> NamespacesOf(const schema::Schema& schema) {
  std::set<std::string> namespaces;
  for (const schema::Table& table : schema.tables()) namespaces.insert(table.schema);
  for (const schema::EnumType& type : schema.enums()) namespaces.insert(type.schema);
  for (const schema::Function& function : schema.functions()) namespaces.insert(function.schema);
  return {namespaces.begin(), namespaces.end()};
}

std::string NameOf(const TableKey& key) { return absl::StrCat(key.first, ".", key.second); }

// Whether the server inserts rows.
bool MakesRows(const schema::Table& table) {
  return absl::c_any_of(table.methods,
                        [](v1::MethodKind kind) { return schema::FindKind(kind)->makes_rows; });
}

class Guard {
 public:
  Guard(pqxx::work& tx, const schema::Schema& schema, const std::string& role_prefix)
      : tx_(tx),
        schema_(schema),
        app_role_(DatabaseRole(role_prefix, kAppRole)),
        tenant_roles_(TenantRoles(role_prefix)),
        namespaces_(NamespacesOf(schema)) {
    for (const schema::Table& table : schema.tables()) known_.insert({table.schema, table.name});
  }

  std::vector<std::string> Run() {
    CheckEncoding();
    if (!LoginIsOurs()) return findings_.Lines();
    CheckRights();
    CheckTenantFunction();
    CheckCalledFunctions();
    ReadTables();
    ReadViews();
    ReadColumns();
    ReadLabels();
    ReadPolicies();
    for (const schema::Table& table : schema_.tables()) {
      table.is_view() ? CheckView(table) : CheckTable(table);
    }
    for (const schema::EnumType& type : schema_.enums()) CheckLabels(type);
    CheckMethodFunctions();
    CheckStrangers();
    return findings_.Lines();
  }

 private:
  void CheckEncoding() {
    const pqxx::row row = tx_.exec(kDatabaseQuery)[0];
    const std::string encoding = row[1].as<std::string>();
    if (encoding == "UTF8") return;
    findings_.Add(absl::StrCat("database ", row[0].as<std::string>(), " is encoded in ", encoding,
                               ", and the server's texts are UTF-8: make one with CREATE DATABASE "
                               "... ENCODING 'UTF8' TEMPLATE template0"));
  }

  // False: it is somebody else's login, which one finding says. The others would all follow from
  // that.
  bool LoginIsOurs() {
    std::set<std::string> possible;
    for (const pqxx::row& row : tx_.exec(kRolesQuery)) {
      const std::string role = row[0].as<std::string>();
      possible.insert(role);
      const bool is_login = row[1].as<bool>();
      if (is_login && row[2].as<bool>()) {
        return Foreign(role, "is a superuser, for whom row-level security does not hold");
      }
      CheckRole(row, is_login, role);
      if (is_login) login_ = role;
    }
    roles_.assign(possible.begin(), possible.end());
    std::vector<std::string> missing;
    for (const std::string& role : tenant_roles_) {
      if (!possible.contains(role)) missing.push_back(role);
    }
    if (missing.size() == tenant_roles_.size()) {
      return Foreign(login_, absl::StrCat("may become none of ", absl::StrJoin(missing, ", ")));
    }
    for (const std::string& role : missing) findings_.Add("the login may not become role $0", role);
    return true;
  }

  bool Foreign(const std::string& login, const std::string& why) {
    findings_ = Findings();
    findings_.Add(absl::StrCat(
        "login role ", login, " ", why,
        ": serve with the login that `tenantryd migrate --bootstrap` makes, ", app_role_));
    return false;
  }

  void CheckRole(const pqxx::row& row, bool is_login, const std::string& role) {
    const std::string who = is_login ? absl::StrCat("login role ", role)
                                     : absl::StrCat("role ", role, ", which the login may become,");
    auto find = [&](const char* what) { findings_.Add(absl::StrCat(who, " ", what)); };
    if (row[2].as<bool>()) find("is a superuser, for whom row-level security does not hold");
    if (row[3].as<bool>()) find("has BYPASSRLS");
    if (is_login && row[4].as<bool>()) {
      find("inherits rights (INHERIT): a transaction without a tenant could touch tables");
    }
    if (row[5].as<bool>()) find("may create roles (CREATEROLE)");
    if (row[6].as<bool>()) find("is a predefined role with rights of its own");
  }

  // What an extension made is no table of ours, unless it is one of the schema's.
  bool Counts(const TableKey& table, bool of_extension) const {
    return !of_extension || known_.contains(table);
  }

  void CheckRights() {
    for (const pqxx::row& row : tx_.exec(kOwnedQuery, pqxx::params{roles_})) {
      const TableKey table{row[1].as<std::string>(), row[2].as<std::string>()};
      if (!Counts(table, row[3].as<bool>())) continue;
      findings_.Add(absl::StrCat("role ", row[0].as<std::string>(),
                                 " owns $0: an owner can switch row-level security off"),
                    NameOf(table));
    }
    for (const pqxx::row& row : tx_.exec(kRightsQuery)) {
      const TableKey table{row[0].as<std::string>(), row[1].as<std::string>()};
      if (!Counts(table, row[2].as<bool>())) continue;
      findings_.Add("the login role has rights of its own on $0, which no transaction checks",
                    NameOf(table));
    }
  }

  void CheckTenantFunction() {
    pqxx::result result = tx_.exec(kTenantIdQuery);
    if (result.empty()) {
      findings_.Add(
          "function tenantry.tenant_id() does not exist; run `tenantryd migrate --bootstrap`");
    } else if (result[0][0].as<std::string>() != kTenantIdBody || !result[0][1].as<bool>()) {
      findings_.Add(
          "function tenantry.tenant_id() is not the one that `tenantryd migrate --bootstrap` "
          "makes");
    }
  }

  // Without them statements would fail that the server makes.
  void CheckCalledFunctions() {
    std::set<std::string> functions;
    for (const pqxx::row& row : tx_.exec(kFunctionsQuery)) {
      functions.insert(row[0].as<std::string>());
    }
    for (const char* function : kCalledFunctions) {
      if (functions.contains(function)) continue;
      findings_.Add(
          absl::StrCat("function tenantry.", function, " does not exist; run `tenantryd migrate`"));
    }
  }

  // Those that methods of the schema are bound to, which are called with named arguments, and those
  // that compute fields.
  void CheckMethodFunctions() {
    std::map<std::string, bool> as_owner;  // by what they are called as
    for (const pqxx::row& row : tx_.exec(kMethodFunctionsQuery, pqxx::params{namespaces_})) {
      as_owner[absl::StrCat(row[0].as<std::string>(), ".", row[1].as<std::string>(), "(",
                            row[3].as<std::string>(), ")")] |= row[2].as<bool>();
    }
    const auto check = [&](const std::string& name, bool security_definer) {
      const auto found = as_owner.find(name);
      if (found == as_owner.end()) {
        findings_.Add("no function $0 in the database; run `tenantryd migrate`", name);
      } else if (found->second && !security_definer) {
        findings_.Add(
            "the function $0 is SECURITY DEFINER: it runs as its owner and not as its caller, and "
            "the schema does not say so",
            name);
      }
    };
    for (const schema::Table& table : schema_.tables()) {
      for (const schema::Column& column : table.columns) {
        if (!column.is_computed()) continue;
        check(absl::StrCat(table.schema, ".", schema::ColumnOf(*column.field).function(), "(",
                           table.field_name, ")"),
              false);
      }
    }
    for (const schema::Function& function : schema_.functions()) {
      std::vector<std::string> arguments = {schema::TenantArgument(function)};
      for (const auto& argument : function.arguments) arguments.push_back(argument.name);
      const std::string name = absl::StrCat(function.schema, ".", function.name, "(",
                                            absl::StrJoin(arguments, ", "), ")");
      check(name, function.security_definer);
    }
  }

  struct TableState {
    bool enabled, forced, materialized_view, of_extension, accessible;
  };
  struct ViewState {
    bool runs_as_owner, of_extension, accessible;
  };
  struct PolicyState {
    std::string name, command, using_sql, check_sql, roles;
  };

  void ReadTables() {
    for (const pqxx::row& row : tx_.exec(kTablesQuery, pqxx::params{namespaces_, tenant_roles_})) {
      tables_[{row[0].as<std::string>(), row[1].as<std::string>()}] = {
          row[2].as<bool>(), row[3].as<bool>(), row[4].as<bool>(), row[5].as<bool>(),
          row[6].as<bool>()};
    }
  }

  void ReadViews() {
    for (const pqxx::row& row : tx_.exec(kViewsQuery, pqxx::params{namespaces_, tenant_roles_})) {
      views_[{row[0].as<std::string>(), row[1].as<std::string>()}] = {
          row[2].as<bool>(), row[3].as<bool>(), row[4].as<bool>()};
    }
  }

  void ReadColumns() {
    for (const pqxx::row& row : tx_.exec(kColumnsQuery, pqxx::params{namespaces_})) {
      TableKey key{row[0].as<std::string>(), row[1].as<std::string>()};
      columns_[key][row[2].as<std::string>()] = {
          .type = {row[4].as<std::string>(), row[5].as<std::string>(), row[6].as<std::string>()},
          .not_null = row[3].as<bool>(),
          .has_default = row[7].as<bool>(),
          .generated = row[8].as<bool>()};
    }
  }

  void ReadLabels() {
    for (const pqxx::row& row : tx_.exec(kLabelsQuery, pqxx::params{namespaces_})) {
      labels_[{row[0].as<std::string>(), row[1].as<std::string>()}].insert(
          row[2].as<std::string>());
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
    const TableKey key{table.schema, table.name};
    const std::string name = NameOf(key);
    auto found = tables_.find(key);
    if (found == tables_.end()) {
      return findings_.Add("no table $0 in the database; run `tenantryd migrate`", name);
    }
    if (!found->second.enabled) {
      findings_.Add("row-level security is disabled on $0", name);
    } else if (!found->second.forced) {
      findings_.Add("row-level security is not forced on the owner of $0", name);
    }
    CheckPolicies(table, name, policies_[key]);
    CheckColumns(table, name, columns_[key]);
  }

  void CheckView(const schema::Table& view) {
    const TableKey key{view.schema, view.name};
    const auto found = views_.find(key);
    if (found == views_.end()) {
      return findings_.Add("no view $0 in the database; run `tenantryd migrate`", NameOf(key));
    }
    if (found->second.runs_as_owner) {
      findings_.Add(
          "the view $0 runs with the rights of its owner, and not with those of its caller: ALTER "
          "VIEW ... SET (security_invoker = true)",
          NameOf(key));
    }
    CheckColumns(view, NameOf(key), columns_[key]);
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
        findings_.Add(absl::StrCat(
            "policy ", policy.name, " on ", name, " (for ", policy.command, " to ", policy.roles,
            ") lets rows of every tenant through: it lacks the tenant condition"));
      }
      for (absl::string_view role : absl::StrSplit(policy.roles, ',')) {
        for (const char* command : kCommands) {
          if (policy.command == "ALL" || policy.command == command) {
            covered.insert({std::string(role), command});
          }
        }
      }
    }
    for (const std::string& role : tenant_roles_) {
      std::vector<std::string> missing;
      for (const char* command : kCommands) {
        if (!covered.contains({role, command})) missing.push_back(command);
      }
      if (missing.empty()) continue;
      findings_.Add(
          absl::StrCat("no policy for role ", role, " (", absl::StrJoin(missing, ", "), ") on $0"),
          name);
    }
  }

  void CheckColumns(const schema::Table& table, const std::string& name,
                    const std::map<std::string, DatabaseColumn>& columns) {
    std::set<std::string> wanted;
    auto check = [&](const std::string& column, const TypeName& type, bool not_null,
                     bool generated = false) {
      wanted.insert(column);
      auto found = columns.find(column);
      if (found == columns.end()) {
        return findings_.Add("no column $0 in the database; run `tenantryd migrate`",
                             absl::StrCat(name, ".", column));
      }
      const std::string why = WhyNotEnough(found->second, type, not_null, generated);
      if (!why.empty()) findings_.Add(absl::StrCat("column ", name, ".", column, " ", why));
    };
    check(table.tenant_column, {"pg_catalog", "uuid", ""}, !table.is_view());
    if (auto tenant = columns.find(table.tenant_column);
        tenant != columns.end() && !tenant->second.not_null && !table.is_view()) {
      findings_.Add("the tenant column $0 allows NULL",
                    absl::StrCat(name, ".", table.tenant_column));
    }
    for (const schema::Column& column : table.columns) {
      if (!column.stored || column.name == table.tenant_column) continue;
      check(column.name, CatalogType(column), column.not_null && !table.is_view(),
            !column.generated_sql.empty());
    }
    if (table.search.has_value()) {
      const std::string& vector = table.search->name;
      wanted.insert(vector);
      auto found = columns.find(vector);
      const TypeName type{"pg_catalog", "tsvector", ""};
      if (found == columns.end() || !found->second.generated || found->second.type != type) {
        findings_.Add(
            "no column $0 in the database that is computed for searches; run "
            "`tenantryd migrate`",
            absl::StrCat(name, ".", vector));
      }
    }
    if (!MakesRows(table)) return;
    for (const auto& [column, state] : columns) {
      if (wanted.contains(column) || !state.not_null || state.has_default || state.generated) {
        continue;
      }
      findings_.Add(
          "the server does not know column $0, which is NOT NULL and has no default: it could make "
          "no row",
          absl::StrCat(name, ".", column));
    }
  }

  void CheckLabels(const schema::EnumType& type) {
    auto found = labels_.find({type.schema, type.name});
    if (found == labels_.end()) return;  // a column of it says so
    for (const schema::EnumType::Value& value : type.values) {
      if (found->second.contains(value.label)) continue;
      findings_.Add(absl::StrCat("enum type ", type.schema, ".", type.name, " has no label $0"),
                    value.label);
    }
  }

  // Tables beside ours that would be an open door.
  void CheckStrangers() {
    for (const auto& [key, state] : tables_) {
      if (known_.contains(key) || !state.accessible || state.of_extension) continue;
      if (!state.materialized_view && state.enabled && state.forced) continue;
      findings_.Add(
          "tenant roles can reach $0 without row-level security, and it is not in the schema",
          NameOf(key));
    }
    for (const auto& [key, state] : views_) {
      if (known_.contains(key) || !state.runs_as_owner) continue;
      if (!state.accessible || state.of_extension) continue;
      findings_.Add(
          "tenant roles can read the view $0 with the rights of its owner, and it is not in the "
          "schema: ALTER VIEW ... SET (security_invoker = true)",
          NameOf(key));
    }
  }

  pqxx::work& tx_;
  const schema::Schema& schema_;
  const std::string app_role_;
  const std::vector<std::string> tenant_roles_;
  const std::vector<std::string> namespaces_;
  std::string login_;
  std::vector<std::string> roles_;  // the login and all it may become
  std::set<TableKey> known_;        // the schema's
  std::map<TableKey, TableState> tables_;
  std::map<TableKey, ViewState> views_;
  std::map<TableKey, std::map<std::string, DatabaseColumn>> columns_;
  std::map<TableKey, std::set<std::string>> labels_;  // by enum type
  std::map<TableKey, std::vector<PolicyState>> policies_;
  Findings findings_;
};

// The printer of policies leaves a schema's name out when the search path has it.
void BeginReading(pqxx::work& tx) {
  tx.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  tx.exec("SET LOCAL search_path = pg_catalog");
}

std::string Fingerprint(pqxx::work& tx, const schema::Schema& schema) {
  return tx.exec(kFingerprintQuery, pqxx::params{NamespacesOf(schema)})[0][0].as<std::string>();
}

absl::Status VerdictOf(const std::vector<std::string>& findings) {
  if (findings.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the database is not safe to serve from:", findings.size() == 1 ? " " : "\n  ",
                   absl::StrJoin(findings, "\n  ")));
}

}  // namespace

DatabaseGuard::DatabaseGuard(const schema::Schema& schema, std::string role_prefix)
    : schema_(schema), role_prefix_(std::move(role_prefix)) {}

// The fingerprint is taken in the snapshot of the full reading. Some questions, such as
// has_table_privilege, are answered by what is committed last, and not by the snapshot. A change in
// between may so be in the verdict and not yet in the fingerprint: the next fingerprint differs,
// and the catalog is read again.
absl::Status DatabaseGuard::Verify(pqxx::connection& connection) {
  absl::Status verdict;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(connection);
    BeginReading(tx);
    const std::string fingerprint = Fingerprint(tx, schema_);
    {
      absl::MutexLock lock(&mutex_);
      verdict = verdict_;
      if (fingerprint == fingerprint_) return;
    }
    verdict = VerdictOf(Guard(tx, schema_, role_prefix_).Run());
    absl::MutexLock lock(&mutex_);
    fingerprint_ = fingerprint;
    verdict_ = verdict;
    ++full_reads_;
  });
  return status.ok() ? verdict : status;
}

int DatabaseGuard::full_reads() const {
  absl::MutexLock lock(&mutex_);
  return full_reads_;
}

}  // namespace tenantry::migrate
