#include "server/migrate/model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/roles.h"
#include "server/migrate/functions.h"
#include "server/migrate/views.h"
#include "server/schema/naming.h"
#include "server/schema/rules.h"

namespace tenantry::migrate {
namespace {

using schema::FitIdentifier;
using schema::QuoteIdentifier;
namespace options = ::tenantry::v1;

constexpr const char* kCommands[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

class TableModel {
 public:
  TableModel(const schema::Table& table, const schema::Table* root, std::string_view role_prefix)
      : table_(table),
        root_(root),
        role_prefix_(role_prefix),
        tenant_roles_(TenantRoles(role_prefix)) {}

  absl::StatusOr<v1::Table> Build() {
    model_.set_proto_name(table_.message->full_name());
    model_.set_number(table_.number);
    model_.set_schema(table_.schema);
    model_.set_name(table_.name);
    AddColumns();
    AddKeys();
    AddIndexes();
    AddTenantReference();
    for (const schema::Relation& relation : table_.relations) {
      if (!relation.is_foreign_key()) continue;
      if (absl::Status status = AddForeignKey(relation); !status.ok()) return status;
    }
    AddChecks();
    AddPolicies();
    for (const std::string& role : tenant_roles_) {
      v1::Grant& grant = *model_.add_grants();
      grant.set_role(role);
      for (const char* command : kCommands) grant.add_privileges(command);
    }
    return model_;
  }

 private:
  std::string Name(const std::string& suffix) {
    return FitIdentifier(absl::StrCat(table_.name, "_", suffix));
  }

  // The given columns with the tenant column before them, unless it is there already.
  template <typename Field>
  void SetColumns(const std::vector<const schema::Column*>& columns, Field* names) {
    bool has_tenant = !columns.empty() && columns.front()->name == table_.tenant_column;
    if (!has_tenant) *names->Add() = table_.tenant_column;
    for (const schema::Column* column : columns) *names->Add() = column->name;
  }

  void AddColumns() {
    if (!table_.tenant_root) {
      v1::Column& tenant = *model_.add_columns();
      tenant.set_name(table_.tenant_column);
      tenant.set_type("uuid");
      tenant.set_not_null(true);
    }
    for (const schema::Column& column : table_.columns) {
      if (!column.stored) continue;
      v1::Column& model = *model_.add_columns();
      model.set_number(column.number());
      model.set_name(column.name);
      model.set_type(column.sql_type + (column.array ? "[]" : ""));
      model.set_not_null(column.not_null);
      model.set_default_value(column.default_sql);
      model.set_generated(column.generated_sql);
    }
    if (!table_.search.has_value()) return;
    v1::Column& vector = *model_.add_columns();
    vector.set_number(kSearchColumn);
    vector.set_name(table_.search->name);
    vector.set_type("tsvector");
    vector.set_generated(table_.search->expression);
  }

  void AddKeys() {
    model_.mutable_primary_key()->set_name(Name("pkey"));
    SetColumns(table_.primary_key, model_.mutable_primary_key()->mutable_columns());
    for (const schema::UniqueKey& key : table_.unique_keys) {
      v1::Index& index = *model_.add_indexes();
      index.set_name(key.name);
      index.set_unique(true);
      index.set_number(key.number);
      index.set_method("btree");
      SetColumns(key.columns, index.mutable_columns());
      if (table_.delete_time != nullptr) {
        index.set_where(absl::StrCat(table_.delete_time->sql_name, " IS NULL"));
      }
    }
  }

  void AddIndexes() {
    for (const schema::Index& source : table_.indexes) {
      v1::Index& index = *model_.add_indexes();
      index.set_name(source.name);
      index.set_where(source.where);
      if (source.method == options::INDEX_METHOD_GIN) {
        index.set_method("gin");
        for (const schema::Column* column : source.columns) index.add_columns(column->name);
      } else {
        index.set_method("btree");
        SetColumns(source.columns, index.mutable_columns());
      }
    }
  }

  // No row can be written for a tenant that does not exist, and no tenant can be removed that has
  // rows.
  void AddTenantReference() {
    if (root_ == nullptr || table_.tenant_root) return;
    v1::ForeignKey& key = *model_.add_foreign_keys();
    key.set_name(Name(table_.tenant_column + "_fkey"));
    key.add_columns(table_.tenant_column);
    key.set_target_schema(root_->schema);
    key.set_target_table(root_->name);
    key.add_target_columns(root_->tenant_column);
    key.set_on_delete("RESTRICT");
  }

  // The check of a foreign key sees all rows, whatever the policies say. With the tenant first on
  // both sides it can neither reveal another tenant's row nor refer to one.
  absl::Status AddForeignKey(const schema::Relation& relation) {
    const schema::Table& target = *relation.target;
    if (target.tenant_root) {
      return absl::FailedPreconditionError(
          absl::StrCat(table_.message->full_name(), ".", relation.name,
                       ": a foreign key to the tenant root would tell which tenants exist; the "
                       "tenant column already refers to it"));
    }
    v1::ForeignKey& key = *model_.add_foreign_keys();
    key.set_name(relation.constraint);
    key.set_number(relation.number);
    key.set_target_schema(target.schema);
    key.set_target_table(target.name);
    SetColumns(relation.columns, key.mutable_columns());
    key.add_target_columns(target.tenant_column);
    for (const schema::Column* column : relation.references) key.add_target_columns(column->name);
    switch (relation.on_delete) {
      case options::ON_DELETE_RESTRICT:
        key.set_on_delete("RESTRICT");
        break;
      case options::ON_DELETE_CASCADE:
        key.set_on_delete("CASCADE");
        break;
      case options::ON_DELETE_SET_NULL:
        key.set_on_delete("SET NULL");
        for (const schema::Column* column : relation.columns) {
          if (!column->not_null) key.add_set_null_columns(column->name);
        }
        break;
      default:
        key.set_on_delete("NO ACTION");
    }
    return absl::OkStatus();
  }

  void AddChecks() {
    for (const schema::Column& column : table_.columns) {
      std::string condition = schema::CheckCondition(column);
      if (condition.empty()) continue;
      v1::Check& check = *model_.add_checks();
      check.set_name(schema::CheckConstraintOf(table_, column));
      check.set_column(column.number());
      check.set_expression(std::move(condition));
    }
    for (const schema::Check& source : table_.checks) {
      v1::Check& check = *model_.add_checks();
      check.set_name(source.name);
      check.set_expression(source.expression);
    }
    for (const schema::RowRule& rule : table_.rules) {
      v1::Check& check = *model_.add_checks();
      check.set_name(rule.name);
      check.set_expression(rule.sql);
    }
  }

  // Permissive policies are joined by OR. So a policy of the schema carries the tenant condition
  // itself, and the plain tenant policy is for those roles and commands alone that no policy of the
  // schema names.
  void AddPolicies() {
    std::set<std::pair<std::string, std::string>> covered;  // role, command
    for (const schema::Policy& policy : table_.policies) AddUserPolicy(policy, covered);

    std::vector<std::string> untouched;
    for (const std::string& role : tenant_roles_) {
      bool any = false;
      for (const char* command : kCommands) any = any || covered.contains({role, command});
      if (!any) untouched.push_back(role);
    }
    std::string condition = TenantCondition(table_);
    if (!untouched.empty()) AddPolicy(Name("tenant"), "ALL", untouched, condition, condition);
    for (const char* command : kCommands) {
      std::vector<std::string> roles;
      for (const std::string& role : tenant_roles_) {
        bool is_untouched = std::find(untouched.begin(), untouched.end(), role) != untouched.end();
        if (!is_untouched && !covered.contains({role, command})) roles.push_back(role);
      }
      if (roles.empty()) continue;
      AddPolicy(Name(absl::StrCat("tenant_", absl::AsciiStrToLower(command))), command, roles,
                condition, condition);
    }
  }

  void AddUserPolicy(const schema::Policy& policy,
                     std::set<std::pair<std::string, std::string>>& covered) {
    auto with_tenant = [this](const std::string& condition) {
      return condition.empty() ? TenantCondition(table_)
                               : absl::StrCat(TenantCondition(table_), " AND (", condition, ")");
    };
    std::string using_sql = with_tenant(policy.using_sql);
    std::string check_sql =
        with_tenant(policy.with_check_sql.empty() ? policy.using_sql : policy.with_check_sql);
    std::vector<std::string> roles;
    for (const std::string& role : policy.roles) roles.push_back(DatabaseRole(role_prefix_, role));
    std::vector<std::string> commands;
    for (options::PolicyCommand command : policy.commands) {
      commands.push_back(
          options::PolicyCommand_Name(command).substr(std::string("POLICY_COMMAND_").size()));
    }
    bool all = commands.empty();
    if (all) commands.assign(std::begin(kCommands), std::end(kCommands));
    for (const std::string& role : roles) {
      for (const std::string& command : commands) covered.insert({role, command});
    }
    if (all) commands = {"ALL"};
    for (const std::string& command : commands) {
      std::string name =
          commands.size() == 1
              ? policy.name
              : FitIdentifier(absl::StrCat(policy.name, "_", absl::AsciiStrToLower(command)));
      AddPolicy(name, command, roles, using_sql, check_sql);
    }
  }

  void AddPolicy(const std::string& name, const std::string& command,
                 const std::vector<std::string>& roles, const std::string& using_sql,
                 const std::string& check_sql) {
    v1::Policy& policy = *model_.add_policies();
    policy.set_name(name);
    policy.set_command(command);
    for (const std::string& role : roles) policy.add_roles(role);
    if (command != "INSERT") policy.set_using_sql(using_sql);
    if (command != "SELECT" && command != "DELETE") policy.set_with_check_sql(check_sql);
  }

  const schema::Table& table_;
  const schema::Table* root_;
  const std::string_view role_prefix_;
  const std::vector<std::string> tenant_roles_;
  v1::Table model_;
};

}  // namespace

std::string TenantCondition(const schema::Table& table) {
  return absl::StrCat(QuoteIdentifier(table.tenant_column), " = tenantry.tenant_id()");
}

std::vector<std::string> RolesOf(const v1::Snapshot& snapshot) {
  std::vector<std::string> roles;
  if (snapshot.tables().empty()) return roles;
  for (const v1::Grant& grant : snapshot.tables(0).grants()) roles.push_back(grant.role());
  return roles;
}

std::vector<std::string> NamespacesOf(const v1::Snapshot& snapshot) {
  std::set<std::string> names;
  for (const v1::Table& table : snapshot.tables()) names.insert(table.schema());
  for (const v1::EnumType& type : snapshot.enums()) names.insert(type.schema());
  for (const v1::Function& function : snapshot.functions()) names.insert(function.schema());
  for (const v1::View& view : snapshot.views()) names.insert(view.schema());
  return {names.begin(), names.end()};
}

absl::StatusOr<v1::Snapshot> ModelOf(const schema::Schema& schema, std::string_view role_prefix) {
  v1::Snapshot snapshot;
  for (const schema::EnumType& source : schema.enums()) {
    v1::EnumType& type = *snapshot.add_enums();
    type.set_proto_name(source.descriptor->full_name());
    type.set_schema(source.schema);
    type.set_name(source.name);
    for (const schema::EnumType::Value& value : source.values) {
      v1::EnumLabel& label = *type.add_labels();
      label.set_number(value.number);
      label.set_label(value.label);
    }
    // PostgreSQL orders values as their labels stand, for ever. Numbers are for ever too; the order
    // in the file is not.
    std::sort(type.mutable_labels()->begin(), type.mutable_labels()->end(),
              [](const auto& a, const auto& b) { return a.number() < b.number(); });
  }
  const schema::Table* root = nullptr;
  for (const schema::Table& table : schema.tables()) {
    if (table.tenant_root) root = &table;
  }
  for (const schema::Table& table : schema.tables()) {
    if (table.is_view()) {
      *snapshot.add_views() = ViewModel(table, role_prefix);
      continue;
    }
    absl::StatusOr<v1::Table> model = TableModel(table, root, role_prefix).Build();
    if (!model.ok()) return model.status();
    *snapshot.add_tables() = *std::move(model);
  }
  for (const schema::Table& table : schema.tables()) {
    for (const schema::Column& column : table.columns) {
      if (!column.is_computed()) continue;
      if (column.function_body.empty()) {
        return absl::FailedPreconditionError(
            absl::StrCat("the body of the function ", column.function, " was not read"));
      }
      *snapshot.add_functions() = ComputedModel(table, column, role_prefix);
    }
  }
  for (const schema::Function& function : schema.functions()) {
    if (function.body.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the body of the function ", function.name, " was not read"));
    }
    *snapshot.add_functions() = FunctionModel(function, role_prefix);
  }
  return snapshot;
}

}  // namespace tenantry::migrate
