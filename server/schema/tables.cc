#include "server/schema/tables.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/schema/columns.h"
#include "server/schema/expressions.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"
#include "server/schema/search.h"
#include "server/schema/soft_delete.h"
#include "server/schema/views.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

constexpr absl::string_view kDefaultTenantColumn = "tenant_id";

class TableBuilder {
 public:
  TableBuilder(const pb::Descriptor& message, EnumTypes& enums, Reporter& reporter,
               TableDraft& draft)
      : message_(message),
        enums_(enums),
        reporter_(reporter),
        options_(draft.options),
        table_(*draft.table) {}

  void Build() {
    table_.message = &message_;
    SetNames();
    AddColumns();
    SetPrimaryKey();
    SetManagedColumns();
    SetTenant();
    AddUniqueKeys();
    AddIndexes();
    AddChecks();
    BuildRowRules(options_, reporter_, table_);
    AddPolicies();
    if (options_.has_search()) BuildSearch(options_.search(), reporter_, table_);
    if (!options_.view().empty()) BuildView(options_, reporter_, table_);
    table_.methods = ChooseMethods(table_, options_, reporter_);
    CheckSoftDelete(table_, reporter_);
  }

 private:
  void Report(absl::string_view description) { reporter_.Report(message_, description); }

  void SetNames() {
    if (message_.file()->syntax() != pb::FileDescriptor::SYNTAX_PROTO3) {
      Report("a table must be declared in proto3");
    }
    if (!IsCamelIdentifier(message_.name())) Report("a table's message is named in CamelCase");
    table_.plural = options_.plural().empty() ? Plural(message_.name()) : options_.plural();
    if (!IsCamelIdentifier(table_.plural)) {
      Report(absl::StrCat("plural `", table_.plural, "` must be CamelCase"));
    }
    table_.number = options_.number();
    if (table_.number < 0) Report("number must be at least 1");
    table_.schema = NamespaceOf(*message_.file());
    table_.name = options_.name().empty() ? SnakeCase(table_.plural) : options_.name();
    table_.sql_name = QuoteQualified(table_.schema, table_.name);
    table_.field_name = SnakeCase(message_.name());
    table_.plural_field_name = SnakeCase(table_.plural);
    CheckName(table_, "table name", table_.name, reporter_);
  }

  void AddColumns() {
    std::map<absl::string_view, const Column*> by_name;
    for (int i = 0; i < message_.field_count(); ++i) {
      Column& column = table_.columns.emplace_back();
      column.index = i;
      BuildColumn(*message_.field(i), enums_, reporter_, column);
      auto [other, fresh] = by_name.emplace(column.name, &column);
      if (!fresh) {
        reporter_.Report(*column.field, absl::StrCat("column name `", column.name, "` is that of ",
                                                     other->second->field->name(), " too"));
      }
    }
  }

  void SetPrimaryKey() {
    if (options_.primary_key().empty()) {
      const Column* id = table_.FindColumn("id");
      if (id == nullptr) return Report("no primary key: there is no field id and no primary_key");
      table_.primary_key = {id};
    } else {
      table_.primary_key =
          ResolveColumns(table_, options_.primary_key(), "primary_key", table_, reporter_);
    }
    for (Column& column : table_.columns) {
      if (absl::c_linear_search(table_.primary_key, &column)) CheckKeyColumn(column);
    }
  }

  void CheckKeyColumn(Column& column) {
    column.immutable = true;
    if (!column.generated_sql.empty()) {
      reporter_.Report(*column.field, "a primary key column is given, and cannot be generated");
    } else if (!column.is_readable()) {
      reporter_.Report(*column.field, "a primary key column is in the API: no visibility here");
    }
    if (column.array || !InfoOf(column.type).is_key) {
      reporter_.Report(*column.field, absl::StrCat("a primary key column cannot be of type ",
                                                   DescribeType(column)));
    } else if (column.field->has_presence()) {
      reporter_.Report(*column.field, "a primary key column is never absent: no optional here");
    }
  }

  void SetManagedColumns() {
    std::map<v1::Managed, const Column*> seen;
    for (const Column& column : table_.columns) {
      if (column.managed == v1::MANAGED_UNSPECIFIED) continue;
      auto [first, fresh] = seen.emplace(column.managed, &column);
      if (!fresh) {
        reporter_.Report(*column.field,
                         absl::StrCat(v1::Managed_Name(column.managed), " is that of ",
                                      first->second->field->name(), " already"));
      }
      if (column.managed == v1::MANAGED_ID && !absl::c_linear_search(table_.primary_key, &column)) {
        reporter_.Report(*column.field, "MANAGED_ID belongs to a primary key column");
      }
    }
    auto find = [&](v1::Managed kind) { return seen.contains(kind) ? seen.at(kind) : nullptr; };
    table_.create_time = find(v1::MANAGED_CREATE_TIME);
    table_.update_time = find(v1::MANAGED_UPDATE_TIME);
    table_.delete_time = find(v1::MANAGED_DELETE_TIME);
    table_.etag = find(v1::MANAGED_ETAG);
  }

  void SetTenant() {
    table_.tenant_root = options_.tenant_root();
    table_.tenant_column = TenantColumnOf(*message_.file());
    if (table_.tenant_root) {
      SetTenantOfRoot();
    } else {
      for (const Column& column : table_.columns) {
        if (column.name != table_.tenant_column) continue;
        reporter_.Report(*column.field, absl::StrCat("`", column.name,
                                                     "` is the tenant column, which every table "
                                                     "has without declaring it: remove the field, "
                                                     "or give the tenant column another name by "
                                                     "the file's option `tenant_column`"));
      }
    }
    table_.tenant_sql_name = QuoteIdentifier(table_.tenant_column);
  }

  void SetTenantOfRoot() {
    if (table_.delete_time != nullptr) Report("the tenant root has no delete time");
    if (table_.primary_key.size() == 1 && table_.primary_key[0]->type == Type::kUuid) {
      table_.tenant_column = table_.primary_key[0]->name;
    } else {
      Report("the tenant root's primary key must be one column of type COLUMN_TYPE_UUID");
    }
  }

  void AddUniqueKeys() {
    std::set<int> numbers;
    for (const v1::UniqueOptions& unique : options_.unique()) {
      std::string what = absl::StrCat("unique ", unique.number());
      UniqueKey& key = table_.unique_keys.emplace_back();
      key.number = unique.number();
      key.columns = KeyColumns(unique.columns(), what, v1::INDEX_METHOD_BTREE);
      key.name = unique.name().empty() ? ConstraintName(table_, key.columns, "key") : unique.name();
      CheckName(table_, "name of a unique key", key.name, reporter_);
      for (const Column* column : key.columns) {
        if (column->generated_sql.empty()) continue;
        Report(absl::StrCat(what, ": ", column->field->name(),
                            " is generated, and callers could not name rows by it"));
      }
      if (key.number < 2) Report(absl::StrCat(what, ": number must be at least 2"));
      if (!numbers.insert(key.number).second) Report(absl::StrCat(what, ": number is taken"));
      if (SameColumns(key.columns, table_.primary_key)) {
        Report(absl::StrCat(what, ": these columns are the primary key"));
      }
    }
  }

  static bool SameColumns(std::vector<const Column*> a, std::vector<const Column*> b) {
    absl::c_sort(a);
    absl::c_sort(b);
    return !a.empty() && a == b;
  }

  // The columns of a key or an index. Reports those whose types it cannot hold.
  std::vector<const Column*> KeyColumns(const pb::RepeatedPtrField<std::string>& fields,
                                        const std::string& what, v1::IndexMethod method) {
    if (fields.empty()) Report(absl::StrCat(what, ": no columns"));
    auto columns = ResolveColumns(table_, fields, what, table_, reporter_);
    for (const Column* column : columns) {
      bool gin_type = column->array || column->type == Type::kJson;
      if (gin_type == (method == v1::INDEX_METHOD_GIN)) continue;
      Report(absl::StrCat(what, ": ", column->field->name(), " is of type ", DescribeType(*column),
                          gin_type ? "; only INDEX_METHOD_GIN indexes it"
                                   : "; INDEX_METHOD_GIN is for arrays and jsonb"));
    }
    return columns;
  }

  void AddIndexes() {
    for (const v1::IndexOptions& options : options_.indexes()) {
      Index& index = table_.indexes.emplace_back();
      std::string what = absl::StrCat("index on ", absl::StrJoin(options.columns(), ", "));
      index.method = options.method() == v1::INDEX_METHOD_UNSPECIFIED ? v1::INDEX_METHOD_BTREE
                                                                      : options.method();
      if (!v1::IndexMethod_IsValid(index.method)) Report(absl::StrCat(what, ": unknown method"));
      index.columns = KeyColumns(options.columns(), what, index.method);
      index.where = options.where();
      if (!index.where.empty()) CheckExpression(absl::StrCat(what, ": where"), index.where);
      index.name =
          options.name().empty() ? ConstraintName(table_, index.columns, "idx") : options.name();
      CheckName(table_, "name of an index", index.name, reporter_);
    }
  }

  void CheckExpression(absl::string_view what, const std::string& sql) {
    if (auto why = WhyNoExpression(sql)) Report(absl::StrCat(what, " ", *why));
  }

  void AddChecks() {
    for (const v1::CheckOptions& check : options_.checks()) {
      CheckName(table_, "name of a check", check.name(), reporter_);
      CheckExpression(absl::StrCat("check ", check.name(), ": expression"), check.expression());
      table_.checks.push_back({check.name(), check.expression()});
    }
  }

  void AddPolicies() {
    for (const v1::PolicyOptions& options : options_.policies()) {
      Policy& policy = table_.policies.emplace_back();
      policy.name = options.name().empty() ? absl::StrCat(table_.name, "_", table_.policies.size())
                                           : options.name();
      CheckName(table_, "name of a policy", policy.name, reporter_);
      policy.roles.assign(options.roles().begin(), options.roles().end());
      if (policy.roles.empty()) policy.roles = {"authenticated"};
      for (const std::string& role : policy.roles) {
        CheckName(table_, absl::StrCat("policy ", policy.name, ": role"), role, reporter_);
      }
      for (int command : options.commands()) {
        policy.commands.push_back(static_cast<v1::PolicyCommand>(command));
      }
      policy.using_sql = options.using_();
      policy.with_check_sql =
          options.with_check().empty() ? options.using_() : options.with_check();
      CheckPolicy(policy, options);
    }
  }

  void CheckPolicy(const Policy& policy, const v1::PolicyOptions& options) {
    std::string what = absl::StrCat("policy ", policy.name, ": ");
    bool reads = policy.commands.empty(), writes = policy.commands.empty();
    for (v1::PolicyCommand command : policy.commands) {
      if (command == v1::POLICY_COMMAND_UNSPECIFIED || !v1::PolicyCommand_IsValid(command)) {
        Report(absl::StrCat(what, "unknown command"));
      }
      reads = reads || command != v1::POLICY_COMMAND_INSERT;
      writes =
          writes || command == v1::POLICY_COMMAND_INSERT || command == v1::POLICY_COMMAND_UPDATE;
    }
    if (reads || !options.using_().empty()) CheckExpression(what + "using", policy.using_sql);
    if (!options.with_check().empty() && !writes) {
      Report(absl::StrCat(what, "with_check applies to inserts and updates"));
    } else if (!options.with_check().empty() || (writes && !reads)) {
      CheckExpression(what + "with_check", policy.with_check_sql);
    }
  }

  const pb::Descriptor& message_;
  EnumTypes& enums_;
  Reporter& reporter_;
  const v1::TableOptions& options_;
  Table& table_;
};

}  // namespace

std::string TenantColumnOf(const pb::FileDescriptor& file) {
  const std::string named = DatabaseOf(file).tenant_column();
  return named.empty() ? std::string(kDefaultTenantColumn) : named;
}

void BuildTable(const pb::Descriptor& message, EnumTypes& enums, Reporter& reporter,
                TableDraft& draft) {
  TableBuilder(message, enums, reporter, draft).Build();
}

std::vector<const Column*> ResolveColumns(const Table& table,
                                          const pb::RepeatedPtrField<std::string>& fields,
                                          absl::string_view what, const Table& reported_at,
                                          Reporter& reporter) {
  std::vector<const Column*> columns;
  for (const std::string& field : fields) {
    const Column* column = table.FindColumn(field);
    if (column == nullptr) {
      reporter.Report(*reported_at.message, absl::StrCat(what, ": ", table.message->full_name(),
                                                         " has no field `", field, "`"));
    } else if (!column->stored) {
      reporter.Report(
          *reported_at.message,
          absl::StrCat(what, ": ", field, column->is_etag() ? " is an etag" : " is computed",
                       ", which the database has no column for"));
    } else if (absl::c_linear_search(columns, column)) {
      reporter.Report(*reported_at.message, absl::StrCat(what, ": ", field, " is named twice"));
    } else {
      columns.push_back(column);
    }
  }
  return columns;
}

void CheckName(const Table& table, absl::string_view what, absl::string_view name,
               Reporter& reporter) {
  if (!IsSnakeIdentifier(name)) {
    reporter.Report(*table.message, absl::StrCat(what, " `", name, "` must be lower_snake_case"));
  } else if (name.size() > kIdentifierBytesMax) {
    reporter.Report(*table.message,
                    absl::StrCat(what, " `", name, "` has ", name.size(), " bytes; at most ",
                                 kIdentifierBytesMax, " are possible"));
  }
}

std::string ConstraintName(const Table& table, const std::vector<const Column*>& columns,
                           absl::string_view suffix) {
  std::string name = table.name;
  for (const Column* column : columns) absl::StrAppend(&name, "_", column->name);
  return absl::StrCat(name, "_", suffix);
}

}  // namespace tenantry::schema
