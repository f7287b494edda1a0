// Views and rules of the random schema.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/pg/migrate/random_schema.h"

namespace tenantry::migrate {
namespace {

bool Has(const std::vector<int>& fields, int number) {
  return std::count(fields.begin(), fields.end(), number) > 0;
}

const RandomSchema::View* FindView(const RandomSchema::State& state, int number) {
  for (const RandomSchema::View& view : state.views) {
    if (view.number == number) return &view;
  }
  return nullptr;
}

// Also those of the view that it reads.
std::vector<int> FieldsOf(const RandomSchema::State& state, const RandomSchema::View& view) {
  std::vector<int> fields = view.fields;
  if (const RandomSchema::View* of = FindView(state, view.of)) {
    const std::vector<int> theirs = FieldsOf(state, *of);
    std::erase_if(fields, [&](int number) { return !Has(theirs, number); });
  }
  return fields;
}

}  // namespace

std::string RuleText(const RandomSchema::Table& table, const RandomSchema::Rule& rule) {
  std::string columns;
  for (int number : rule.fields) {
    absl::StrAppend(&columns, " columns: \"", FieldOf(table, number)->name, "\"");
  }
  return absl::StrCat("rules: { name: \"", rule.name, "\" set: {", columns,
                      " count: SET_COUNT_AT_LEAST_ONE } }\n");
}

std::string RandomSchema::RuleAtRandom(const std::string& type) {
  if (absl::StartsWith(type, "repeated ")) return "max_items: 3";
  if (type == "string") {
    static const char* const kRules[] = {"pattern: \"[0-9a-z]*\"", "min_length: 1",
                                         "in: [\"1\", \"2\", \"3\"]", "format: FORMAT_SLUG"};
    return kRules[Pick(std::size(kRules))];
  }
  if (type == "int32" || type == "int64" || type == "double") {
    return Chance(50) ? "gte: \"-5\" lt: \"100\"" : "gt: \"0\"";
  }
  return "";
}

void RandomSchema::EditRules(Table& table) {
  if (table.fields.empty()) return;
  if (!table.rules.empty() && Chance(30)) {
    last_edit_ += "dropped a rule; ";
    table.rules.pop_back();
    return;
  }
  Field& field = table.fields[Pick(table.fields.size())];
  if (Chance(60)) {
    // What is said of its type stays.
    if (absl::StrContains(field.options, "type:")) return;
    field.options = RuleAtRandom(field.type);
    last_edit_ += absl::StrCat("rule of ", field.name, "; ");
    return;
  }
  Rule rule{FreshName("rule"), {}};
  for (const Field& other : table.fields) {
    if (other.optional && !absl::StrContains(other.options, "not_null")) {
      rule.fields.push_back(other.number);
    }
  }
  if (rule.fields.size() < 2) return;
  rule.fields.resize(2);
  last_edit_ += "new rule; ";
  table.rules.push_back(std::move(rule));
}

void RandomSchema::AddView() {
  const Table& table = state_.tables[Pick(state_.tables.size())];
  View view;
  view.number = state_.next_number++;
  view.table = table.number;
  view.message = FreshName("View");
  view.name = FreshName("views");
  for (const Field& field : table.fields) {
    if (Chance(70)) view.fields.push_back(field.number);
  }
  for (const View& other : state_.views) {
    if (other.table == table.number && Chance(50)) view.of = other.number;
  }
  last_edit_ += "new view; ";
  state_.views.push_back(std::move(view));
}

void RandomSchema::EditView() {
  if (state_.views.empty() || (state_.views.size() < 4 && Chance(30))) return AddView();
  View& view = state_.views[Pick(state_.views.size())];
  const Table& table = *Find(view.table);
  switch (Pick(5)) {
    case 0:
      view.name = FreshName("views");
      last_edit_ += "renamed view; ";
      break;
    case 1:
      view.where = view.where.empty() ? " WHERE id IS NOT NULL" : "";
      last_edit_ += "another condition of a view; ";
      break;
    case 2:
      if (!view.fields.empty()) view.fields.erase(view.fields.begin() + Pick(view.fields.size()));
      last_edit_ += "fewer columns of a view; ";
      break;
    case 3:
      for (const Field& field : table.fields) {
        if (!Has(view.fields, field.number) && Chance(50)) view.fields.push_back(field.number);
      }
      last_edit_ += "more columns of a view; ";
      break;
    default: {
      const int number = view.number;
      std::erase_if(state_.views, [&](const View& v) { return v.number == number; });
      for (View& other : state_.views) {
        if (other.of == number) other.of = 0;
      }
      last_edit_ += "dropped view; ";
    }
  }
}

void RandomSchema::DropViewsOf(int table) {
  std::erase_if(state_.views, [&](const View& view) { return view.table == table; });
}

std::string RandomSchema::ViewText(const View& view) const {
  const auto table = std::find_if(state_.tables.begin(), state_.tables.end(),
                                  [&](const Table& t) { return t.number == view.table; });
  const View* of = FindView(state_, view.of);
  std::vector<std::string> columns = {"tenant_id", "id"};
  std::string fields;
  for (int number : FieldsOf(state_, view)) {
    const Field& field = *FieldOf(*table, number);
    columns.push_back(field.name);
    absl::StrAppend(&fields, field.optional ? "optional " : "", field.type, " ", field.name, " = ",
                    field.number);
    if (absl::StartsWith(field.options, "type:")) {
      absl::StrAppend(&fields, " [(tenantry.v1.column) = { ", field.options, " }]");
    }
    absl::StrAppend(&fields, ";\n");
  }
  return absl::StrCat(
      "message ", view.message, " {\noption (tenantry.v1.table) = { number: ", view.number,
      " name: \"", view.name, "\" view: \"SELECT ", absl::StrJoin(columns, ", "), " FROM ",
      of == nullptr ? table->name : of->name, view.where,
      "\" };\nstring id = 1000 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];\n", fields, "}\n");
}

}  // namespace tenantry::migrate
