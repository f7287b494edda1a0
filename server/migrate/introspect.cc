#include "server/migrate/introspect.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/migrate/introspect_queries.h"

namespace tenantry::migrate {
namespace {

class Reader {
 public:
  Reader(pqxx::transaction_base& tx, const std::vector<std::string>& namespaces)
      : tx_(tx), namespaces_(namespaces) {}

  LiveModel Run() {
    // So that every name is printed with its namespace.
    tx_.exec("SET LOCAL search_path = pg_catalog");
    ReadEnums();
    ReadTables();
    ReadColumns();
    ReadIndexes();
    ReadConstraints();
    ReadPolicies();
    ReadGrants();
    ReadViews();
    ReadFunctions();
    ReadStrangers();
    return std::move(live_);
  }

 private:
  pqxx::result Ask(const char* query) { return tx_.exec(query, pqxx::params{namespaces_}); }

  static std::string Text(const pqxx::row& row, int column) {
    return row[column].is_null() ? "" : row[column].as<std::string>();
  }

  // An array of names, one a line.
  template <typename Names>
  static void Split(const std::string& lines, Names* names) {
    std::size_t begin = 0;
    while (begin < lines.size()) {
      std::size_t end = lines.find('\n', begin);
      if (end == std::string::npos) end = lines.size();
      *names->Add() = lines.substr(begin, end - begin);
      begin = end + 1;
    }
  }

  // Of the table that the first column names by its oid; null when it is none of ours.
  v1::Table* TableOf(const pqxx::row& row) {
    auto found = tables_.find(row[0].as<std::string>());
    return found == tables_.end() ? nullptr : found->second;
  }

  void ReadEnums() {
    std::map<std::string, v1::EnumType*> types;
    for (const pqxx::row& row : Ask(kEnumsQuery)) {
      v1::EnumType*& type = types[row[0].as<std::string>()];
      if (type == nullptr) {
        type = live_.model.add_enums();
        type->set_schema(Text(row, 1));
        type->set_name(Text(row, 2));
      }
      if (!row[3].is_null()) type->add_labels()->set_label(Text(row, 3));
    }
  }

  void ReadTables() {
    for (const pqxx::row& row : Ask(kTablesOfQuery)) {
      v1::Table& table = *live_.model.add_tables();
      table.set_schema(Text(row, 1));
      table.set_name(Text(row, 2));
      table.set_proto_name(Text(row, 3));
      table.set_row_security_disabled(!row[4].as<bool>());
      table.set_row_security_not_forced(!row[5].as<bool>());
      tables_[row[0].as<std::string>()] = &table;
    }
  }

  void ReadColumns() {
    for (const pqxx::row& row : Ask(kColumnsOfQuery)) {
      v1::Table* table = TableOf(row);
      if (table == nullptr) continue;
      v1::Column& column = *table->add_columns();
      column.set_name(Text(row, 1));
      column.set_type(Text(row, 2));
      column.set_not_null(row[3].as<bool>());
      column.set_default_value(Text(row, 4));
      column.set_generated(Text(row, 6));
      const std::string special = Text(row, 5);
      if (!special.empty() && column.generated().empty()) {
        live_.strangers.push_back(absl::StrCat("the ", special, " column ", table->schema(), ".",
                                               table->name(), ".", column.name()));
      }
    }
  }

  void ReadIndexes() {
    for (const pqxx::row& row : Ask(kIndexesOfQuery)) {
      v1::Table* table = TableOf(row);
      if (table == nullptr) continue;
      if (row[7].as<bool>()) {  // of the primary key
        table->mutable_primary_key()->set_name(Text(row, 1));
        Split(Text(row, 5), table->mutable_primary_key()->mutable_columns());
        continue;
      }
      v1::Index& index = *table->add_indexes();
      index.set_name(Text(row, 1));
      index.set_unique(row[2].as<bool>());
      index.set_method(Text(row, 3));
      index.set_where(Text(row, 4));
      Split(Text(row, 5), index.mutable_columns());
      if (!row[6].as<bool>()) {
        live_.unfinished.push_back(absl::StrCat("the index ", table->schema(), ".", index.name(),
                                                " is invalid: it was not built to its end"));
      }
    }
  }

  void ReadConstraints() {
    for (const pqxx::row& row : Ask(kConstraintsOfQuery)) {
      v1::Table* table = TableOf(row);
      if (table == nullptr) continue;
      const std::string kind = Text(row, 2);
      if (kind == "c") {
        v1::Check& check = *table->add_checks();
        check.set_name(Text(row, 1));
        check.set_expression(Text(row, 3));
      } else if (kind == "f") {
        v1::ForeignKey& key = *table->add_foreign_keys();
        key.set_name(Text(row, 1));
        Split(Text(row, 4), key.mutable_columns());
        key.set_target_schema(Text(row, 5));
        key.set_target_table(Text(row, 6));
        Split(Text(row, 7), key.mutable_target_columns());
        key.set_on_delete(Text(row, 8));
        Split(Text(row, 9), key.mutable_set_null_columns());
      }
      if (!row[10].as<bool>()) {
        live_.unfinished.push_back(absl::StrCat("the constraint ", Text(row, 1), " on ",
                                                table->schema(), ".", table->name(),
                                                " has not been validated"));
      }
    }
  }

  void ReadPolicies() {
    for (const pqxx::row& row : Ask(kPoliciesOfQuery)) {
      v1::Table* table = TableOf(row);
      if (table == nullptr) continue;
      if (!row[6].as<bool>()) {
        live_.strangers.push_back(absl::StrCat("the restrictive policy ", Text(row, 1), " on ",
                                               table->schema(), ".", table->name()));
        continue;
      }
      v1::Policy& policy = *table->add_policies();
      policy.set_name(Text(row, 1));
      policy.set_command(Text(row, 2));
      Split(Text(row, 3), policy.mutable_roles());
      policy.set_using_sql(Text(row, 4));
      policy.set_with_check_sql(Text(row, 5));
    }
  }

  void ReadGrants() {
    for (const pqxx::row& row : Ask(kGrantsOfQuery)) {
      v1::Table* table = TableOf(row);
      if (table == nullptr) continue;
      v1::Grant& grant = *table->add_grants();
      grant.set_role(Text(row, 1));
      Split(Text(row, 2), grant.mutable_privileges());
    }
  }

  void ReadViews() {
    std::map<std::string, v1::View*> views;
    for (const pqxx::row& row : Ask(kViewsOfQuery)) {
      v1::View& view = *live_.model.add_views();
      views[row[0].as<std::string>()] = &view;
      view.set_schema(Text(row, 1));
      view.set_name(Text(row, 2));
      view.set_proto_name(Text(row, 3));
      view.set_query(Text(row, 4));
      view.set_runs_as_owner(row[5].as<bool>());
      Split(Text(row, 6), view.mutable_roles());
    }
    for (const pqxx::row& row : Ask(kViewColumnsQuery)) {
      v1::Column& column = *views.at(row[0].as<std::string>())->add_columns();
      column.set_name(Text(row, 1));
      column.set_type(Text(row, 2));
    }
  }

  void ReadFunctions() {
    for (const pqxx::row& row : Ask(kFunctionsQuery)) {
      v1::Function& function = *live_.model.add_functions();
      function.set_schema(Text(row, 0));
      function.set_name(Text(row, 1));
      google::protobuf::RepeatedPtrField<std::string> arguments;
      Split(Text(row, 2), &arguments);
      for (const std::string& argument : arguments) {
        const std::size_t blank = argument.find(' ');
        v1::Argument& added = *function.add_arguments();
        added.set_name(argument.substr(0, blank));
        added.set_type(argument.substr(blank + 1));
      }
      function.set_result(Text(row, 3));
      function.set_language(Text(row, 4));
      function.set_stable(row[5].as<bool>());
      function.set_security_definer(row[6].as<bool>());
      Split(Text(row, 7), function.mutable_settings());
      function.set_body(Text(row, 8));
      Split(Text(row, 9), function.mutable_roles());
    }
  }

  void ReadStrangers() {
    for (const pqxx::row& row : Ask(kStrangersQuery)) live_.strangers.push_back(Text(row, 0));
  }

  pqxx::transaction_base& tx_;
  const std::vector<std::string>& namespaces_;
  LiveModel live_;
  std::map<std::string, v1::Table*> tables_;  // by oid
};

}  // namespace

LiveModel Introspect(pqxx::transaction_base& tx, const std::vector<std::string>& namespaces) {
  return Reader(tx, namespaces).Run();
}

}  // namespace tenantry::migrate
