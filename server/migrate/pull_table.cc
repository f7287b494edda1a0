#include "server/migrate/pull_table.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/migrate/pull_names.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"
#include "server/schema/reserved.h"

namespace tenantry::migrate {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

// `(a AND b)` without the parentheses around all of it.
std::string Unwrapped(const std::string& sql) {
  if (sql.size() < 2 || sql.front() != '(' || sql.back() != ')') return sql;
  int depth = 0;
  for (const SqlToken& token : SqlTokens(sql)) {
    if (token.kind != SqlToken::Kind::kSymbol) continue;
    if (token.text == "(") ++depth;
    if (token.text == ")" && --depth == 0 && token.end != sql.size()) return sql;
  }
  return sql.substr(1, sql.size() - 2);
}

class MessageWriter {
 public:
  MessageWriter(const PulledTable& pulled, const PulledDatabase& database)
      : pulled_(pulled), table_(*pulled.table), database_(database), numbers_(pulled.known) {}

  std::string Write() {
    NameColumns();
    if (pulled_.view.empty()) FindTimes();
    for (const v1::Column& column : table_.columns()) AddField(column);
    Option(absl::StrCat("number: ", pulled_.number));
    Option("name: " + Quoted(NameAfter(table_.name())));
    if (pulled_.tenant_root) Option("tenant_root: true");
    AddPrimaryKey();
    for (const v1::Index& index : table_.indexes()) AddIndex(index);
    for (const v1::ForeignKey& key : table_.foreign_keys()) AddRelation(key);
    for (const v1::Check& check : table_.checks()) AddCheck(check);
    for (const v1::Policy& policy : table_.policies()) AddPolicy(policy);
    AddSearch();
    AddView();
    const std::string name = pulled_.full_name.substr(pulled_.full_name.rfind('.') + 1);
    std::string text = absl::StrCat(
        pulled_.view.empty() ? ""
                             : "// The database does not say which columns tell rows apart: the "
                               "primary_key here is a guess.\n",
        "message ", name, " {\n  option (tenantry.v1.table) = {\n");
    for (const std::string& option : options_) absl::StrAppend(&text, "    ", option, "\n");
    absl::StrAppend(&text, "  };\n\n", fields_, "}\n");
    return text;
  }

 private:
  void Option(const std::string& text) { options_.push_back(text); }

  bool IsTenant(const std::string& column) const {
    return !pulled_.tenant_root && column == database_.tenant_column;
  }
  bool IsField(const std::string& column) const { return field_of_.contains(column); }

  void NameColumns() {
    FreeNames names;
    for (const v1::Column& column : table_.columns()) {
      const std::string where =
          absl::StrCat(table_.schema(), ".", table_.name(), ".", column.name());
      if (IsTenant(column.name()) || database_.generated.contains(where)) continue;
      if (!column.generated().empty() && !IsGeneratedField(column)) continue;
      std::string name = FieldNameOf(column.name());
      if (!schema::WhyReserved(name, 1).empty()) name += "_value";
      field_of_[column.name()] = names.Take(name);
      const std::string after = ColumnAfter(column.name());
      if (after != column.name()) renames_.columns[column.name()] = after;
    }
    relation_names_ = names;
  }

  // What a field can be generated as. All else is told as a difference afterwards.
  static bool IsGeneratedField(const v1::Column& column) {
    const std::string& type = column.type();
    return !absl::EndsWith(type, "[]") && type != "text" && type != "character varying" &&
           type != "bytea" && type != "jsonb" && type != "json" && type != "tsvector";
  }

  // The column's name in the database that follows.
  std::string ColumnAfter(const std::string& column) {
    return schema::IsSnakeIdentifier(column) ? column : field_of_[column];
  }
  // A condition, with the names that follow.
  std::string Condition(const std::string& sql) const {
    return Quoted(Unwrapped(Carry(sql, renames_)));
  }

  // The names of fields without the tenant column; nothing when one is no field.
  std::optional<std::vector<std::string>> FieldsOf(const Names& columns) const {
    std::vector<std::string> fields;
    for (int i = 0; i < columns.size(); ++i) {
      if (i == 0 && IsTenant(columns[i])) continue;
      auto found = field_of_.find(columns[i]);
      if (found == field_of_.end()) return std::nullopt;
      fields.push_back(found->second);
    }
    if (fields.empty()) return std::nullopt;
    return fields;
  }

  static std::string List(const std::vector<std::string>& names) {
    if (names.size() == 1) return Quoted(names[0]);
    return absl::StrCat(
        "[",
        absl::StrJoin(names, ", ",
                      [](std::string* out, const std::string& name) { out->append(Quoted(name)); }),
        "]");
  }

  // Which timestamps the server sets. On a table with soft delete every unique key leaves the
  // deleted rows out, and no other key can.
  void FindTimes() {
    std::set<std::string> conditions;
    for (const v1::Index& index : table_.indexes()) {
      if (index.unique()) conditions.insert(index.where());
    }
    for (const v1::Column& column : table_.columns()) {
      if (!IsTimestamp(column) || !IsField(column.name())) continue;
      const std::string& name = field_of_[column.name()];
      const bool named_so = absl::StrContains(name, "delet");
      const std::string condition = absl::StrCat("(", column.name(), " IS NULL)");
      const bool in_keys = conditions == std::set<std::string>{condition};
      if (!column.not_null() && column.default_value().empty()) {
        if (delete_time_.empty() && (in_keys || (named_so && conditions.empty()))) {
          delete_time_ = column.name();
        }
      } else if (column.not_null() && column.default_value() == "now()") {
        const bool update = absl::StrContains(name, "updat") || absl::StrContains(name, "modif");
        std::string& time = update ? update_time_ : create_time_;
        if (time.empty() && (update || absl::StrContains(name, "creat"))) time = column.name();
      }
    }
  }

  std::string CheckNamed(const std::string& name) const {
    for (const v1::Check& check : table_.checks()) {
      if (check.name() == name) return check.expression();
    }
    return "";
  }
  std::string RulesName(const std::string& column) const {
    return schema::FitIdentifier(absl::StrCat(table_.name(), "_", column, "_check"));
  }

  void AddField(const v1::Column& column) {
    if (!IsField(column.name())) return;
    const std::string rules = RulesName(column.name());
    PulledColumn field = FieldOf(column,
                                 {.is_delete_time = column.name() == delete_time_,
                                  .is_create_time = column.name() == create_time_,
                                  .is_update_time = column.name() == update_time_,
                                  .check = CheckNamed(rules)},
                                 database_.enums);
    if (!pulled_.view.empty()) KeepType(field.options);
    if (!column.generated().empty()) {
      field.options.push_back("generated: " + Condition(column.generated()));
    }
    if (field.keeps_rules || !field.check.empty()) taken_checks_.insert(rules);
    const std::string& name = field_of_[column.name()];
    const std::string after = ColumnAfter(column.name());
    if (name != after) field.options.push_back("name: " + Quoted(after));
    absl::StrAppend(&fields_, "  ",
                    field.repeated   ? "repeated "
                    : field.optional ? "optional "
                                     : "",
                    field.type, " ", name, " = ", numbers_.OfColumn(after));
    if (!field.options.empty()) {
      absl::StrAppend(&fields_, " [(tenantry.v1.column) = { ", absl::StrJoin(field.options, ", "),
                      " }]");
    }
    absl::StrAppend(&fields_, ";\n");
  }

  // A column of a view has nothing but its type.
  static void KeepType(std::vector<std::string>& options) {
    std::erase_if(options, [](const std::string& option) {
      return !absl::StartsWith(option, "type:") && !absl::StartsWith(option, "precision:") &&
             !absl::StartsWith(option, "scale:");
    });
  }

  // A table without a key gets one.
  void AddPrimaryKey() {
    auto fields = FieldsOf(table_.primary_key().columns());
    if (!fields) {
      const std::string id = relation_names_.Take("id");
      absl::StrAppend(
          &fields_, "  string ", id, " = ", numbers_.OfColumn(id),
          " [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID, managed: MANAGED_ID }];\n");
      fields = std::vector<std::string>{id};
    }
    if (*fields != std::vector<std::string>{"id"}) Option("primary_key: " + List(*fields));
    begins_.push_back(*fields);
  }

  void AddIndex(const v1::Index& index) {
    const auto fields = FieldsOf(index.columns());
    if (!fields) return;
    if (index.unique()) {
      if (HasGenerated(index.columns())) return;
      const std::string deleted =
          delete_time_.empty() ? "" : absl::StrCat("(", delete_time_, " IS NULL)");
      if (index.where() != deleted || index.method() != "btree") return;
      Option(absl::StrCat("unique: { number: ", numbers_.OfKey(NameAfter(index.name())),
                          ", columns: ", List(*fields), ", name: ", Quoted(NameAfter(index.name())),
                          " }"));
      begins_.push_back(*fields);
      return;
    }
    if (index.method() != "btree" && index.method() != "gin") return;
    Option(absl::StrCat("indexes: { columns: ", List(*fields),
                        ", name: ", Quoted(NameAfter(index.name())),
                        index.where().empty() ? "" : ", where: " + Condition(index.where()),
                        index.method() == "gin" ? ", method: INDEX_METHOD_GIN" : "", " }"));
    if (index.method() == "btree" && index.where().empty()) begins_.push_back(*fields);
  }

  bool HasGenerated(const Names& columns) const {
    return std::any_of(table_.columns().begin(), table_.columns().end(), [&](const auto& column) {
      return !column.generated().empty() &&
             std::count(columns.begin(), columns.end(), column.name()) > 0;
    });
  }

  void AddRelation(const v1::ForeignKey& key) {
    const PulledTable* target = database_.Find(key.target_schema(), key.target_table());
    if (target == nullptr || target->tenant_root) return;
    const auto fields = FieldsOf(key.columns());
    if (!fields || !IsKeyOf(*target, key.target_columns())) return;
    MessageWriter there(*target, database_);
    there.NameColumns();
    const auto references = there.FieldsOf(key.target_columns());
    if (!references || references->size() != fields->size()) return;

    std::string name = fields->back();
    if (!absl::EndsWith(name, "_id") || fields->size() != 1) name = FieldNameOf(key.target_table());
    name = std::string(absl::StripSuffix(name, "_id"));
    if (!schema::WhyReserved(name, 1).empty()) name += "_row";
    name = relation_names_.Take(name);
    std::string option =
        absl::StrCat("relations: { name: ", Quoted(name),
                     ", number: ", numbers_.OfRelation(*fields, target->full_name),
                     ", table: ", Quoted(target->full_name), ", columns: ", List(*fields),
                     ", references: ", List(*references));
    for (const char* action : {"RESTRICT", "CASCADE", "SET NULL"}) {
      if (!absl::StartsWith(key.on_delete(), action)) continue;
      absl::StrAppend(&option, ", on_delete: ON_DELETE_",
                      action == std::string("SET NULL") ? "SET_NULL" : action);
    }
    Option(option + " }");
    IndexFor(*fields);
  }

  // A Delete there must not read all of this table.
  void IndexFor(const std::vector<std::string>& fields) {
    for (const std::vector<std::string>& begin : begins_) {
      if (begin.size() >= fields.size() && std::equal(fields.begin(), fields.end(), begin.begin()))
        return;
    }
    Option(absl::StrCat("indexes: { columns: ", List(fields), " }"));
    begins_.push_back(fields);
  }

  static std::set<std::string> SetOf(const Names& names, const std::string& without) {
    std::set<std::string> set(names.begin(), names.end());
    set.erase(without);
    return set;
  }

  bool IsKeyOf(const PulledTable& target, const Names& columns) const {
    const std::string& tenant = database_.tenant_column;
    const std::set<std::string> wanted = SetOf(columns, tenant);
    if (SetOf(target.table->primary_key().columns(), tenant) == wanted) return true;
    for (const v1::Index& index : target.table->indexes()) {
      if (index.unique() && index.where().empty() && SetOf(index.columns(), tenant) == wanted) {
        return true;
      }
    }
    return false;
  }

  void AddCheck(const v1::Check& check) {
    if (taken_checks_.contains(check.name())) return;
    Option(absl::StrCat("checks: { name: ", Quoted(NameAfter(check.name())),
                        ", expression: ", Condition(check.expression()), " }"));
  }

  // The tenant's condition comes by itself.
  void AddPolicy(const v1::Policy& policy) {
    const std::string column =
        pulled_.tenant_root ? table_.primary_key().columns(0) : database_.tenant_column;
    const std::string tenant = absl::StrCat("(", column, " = tenantry.tenant_id())");
    auto beyond = [&](const std::string& condition) -> std::optional<std::string> {
      const std::string begin = absl::StrCat("(", tenant, " AND ");
      if (!absl::StartsWith(condition, begin)) return std::nullopt;
      return Unwrapped(condition.substr(begin.size(), condition.size() - begin.size() - 1));
    };
    const std::string& first =
        policy.using_sql().empty() ? policy.with_check_sql() : policy.using_sql();
    if (first == tenant && absl::StartsWith(policy.name(), table_.name() + "_tenant")) return;
    const auto using_sql = beyond(policy.using_sql()), check = beyond(policy.with_check_sql());
    if (!using_sql && !check) return;
    std::string option = absl::StrCat("policies: { name: ", Quoted(NameAfter(policy.name())));
    for (absl::string_view role : policy.roles()) {
      absl::ConsumePrefix(&role, database_.role_prefix);
      absl::StrAppend(&option, ", roles: ", Quoted(std::string(role)));
    }
    if (policy.command() != "ALL") {
      absl::StrAppend(&option, ", commands: POLICY_COMMAND_", policy.command());
    }
    if (using_sql) absl::StrAppend(&option, ", using: ", Condition(*using_sql));
    if (check && check != using_sql) absl::StrAppend(&option, ", with_check: ", Condition(*check));
    Option(option + " }");
  }

  // `(setweight(to_tsvector('english'::regconfig, title), 'A'::"char") || ...)`. What is not like
  // this is told as a difference afterwards.
  void AddSearch() {
    for (const v1::Column& column : table_.columns()) {
      if (column.generated().empty() || column.type() != "tsvector") continue;
      const std::vector<SqlToken> tokens = SqlTokens(column.generated());
      std::string configuration, columns;
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].text == "to_tsvector" && i + 2 < tokens.size() &&
            tokens[i + 2].kind == SqlToken::Kind::kLiteral) {
          configuration = tokens[i + 2].text.substr(1, tokens[i + 2].text.size() - 2);
        } else if (IsColumn(tokens, i)) {
          absl::StrAppend(&columns, ", columns: { column: ", Quoted(field_of_[tokens[i].text]),
                          WeightBehind(tokens, i), " }");
        }
      }
      if (configuration.empty() || columns.empty()) continue;
      return Option(absl::StrCat("search: { configuration: ", Quoted(configuration),
                                 ", name: ", Quoted(NameAfter(column.name())), columns, " }"));
    }
  }

  void AddView() {
    if (!pulled_.view.empty()) Option("view: " + Quoted(pulled_.view));
  }

  // Neither a function nor a type.
  bool IsColumn(const std::vector<SqlToken>& tokens, std::size_t i) const {
    return tokens[i].kind == SqlToken::Kind::kName && IsField(tokens[i].text) &&
           (i == 0 || tokens[i - 1].text != "::") &&
           (i + 1 == tokens.size() || tokens[i + 1].text != "(");
  }

  // The `'A'::"char"` of the setweight around the column, if there is one.
  static std::string WeightBehind(const std::vector<SqlToken>& tokens, std::size_t column) {
    for (std::size_t i = column + 1; i < tokens.size() && tokens[i].text != "to_tsvector"; ++i) {
      const bool is_weight = tokens[i].kind == SqlToken::Kind::kLiteral && i + 2 < tokens.size() &&
                             tokens[i + 2].text == "char" && tokens[i].text.size() == 3;
      if (!is_weight) continue;
      return absl::StrCat(", weight: SEARCH_WEIGHT_", tokens[i].text.substr(1, 1));
    }
    return "";
  }

  const PulledTable& pulled_;
  const v1::Table& table_;
  const PulledDatabase& database_;
  Numbers numbers_;
  std::map<std::string, std::string> field_of_;  // by the column's name
  Renames renames_;                              // of columns that cannot keep their names
  FreeNames relation_names_;
  std::string delete_time_, create_time_, update_time_;
  std::set<std::string> taken_checks_;
  std::vector<std::vector<std::string>> begins_;  // what keys and indexes begin with
  std::vector<std::string> options_;
  std::string fields_;
};

}  // namespace

const PulledTable* PulledDatabase::Find(const std::string& schema, const std::string& name) const {
  for (const PulledTable& table : tables) {
    if (table.table->schema() == schema && table.table->name() == name) return &table;
  }
  return nullptr;
}

std::string MessageOf(const PulledTable& table, const PulledDatabase& database) {
  return MessageWriter(table, database).Write();
}

}  // namespace tenantry::migrate
