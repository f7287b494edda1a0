#include "server/migrate/diagram.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace tenantry::migrate {
namespace {

using schema::Column;
using schema::Relation;
using schema::Table;

bool Contains(const std::vector<const Column*>& columns, const Column& column) {
  return std::find(columns.begin(), columns.end(), &column) != columns.end();
}

// In Mermaid a type has no blanks, commas, dots or quotes.
std::string TypeText(const Column& column) {
  const std::string type = column.enum_type != nullptr ? column.enum_type->name : column.sql_type;
  return absl::StrCat(absl::StrReplaceAll(type, {{" ", "_"}, {",", "_"}}),
                      column.array ? "[]" : "");
}

std::string ColumnLine(const Table& table, const Column& column) {
  std::string marks;
  for (const std::string& key : KeyMarks(table, column)) {
    absl::StrAppend(&marks, marks.empty() ? " " : ", ", key);
  }
  return absl::StrCat("    ", TypeText(column), " ", column.name, marks,
                      column.not_null ? "" : " \"may be NULL\"", "\n");
}

std::string RelationLine(const Table& table, const Relation& relation) {
  const bool required = std::all_of(relation.columns.begin(), relation.columns.end(),
                                    [](const Column* column) { return column->not_null; });
  return absl::StrCat("  ", table.name, IsOneToOne(table, relation) ? " |o--" : " }o--",
                      required ? "|| " : "o| ", relation.target->name, " : ", relation.name, "\n");
}

}  // namespace

std::vector<std::string> KeyMarks(const Table& table, const Column& column) {
  std::vector<std::string> keys;
  if (Contains(table.primary_key, column)) keys.push_back("PK");
  for (const Relation& relation : table.relations) {
    if (relation.many || !Contains(relation.columns, column)) continue;
    keys.push_back("FK");
    break;
  }
  for (const schema::UniqueKey& key : table.unique_keys) {
    if (!Contains(key.columns, column)) continue;
    keys.push_back("UK");
    break;
  }
  return keys;
}

bool IsOneToOne(const Table& table, const Relation& relation) {
  auto same = [&](std::vector<const Column*> columns) {
    std::vector<const Column*> others = relation.columns;
    std::sort(columns.begin(), columns.end());
    std::sort(others.begin(), others.end());
    return columns == others;
  };
  return same(table.primary_key) ||
         std::any_of(table.unique_keys.begin(), table.unique_keys.end(),
                     [&](const schema::UniqueKey& key) { return same(key.columns); });
}

std::map<std::string, std::string> Diagrams(const schema::Schema& schema) {
  std::map<std::string, std::string> diagrams;
  for (const Table& table : schema.tables()) {
    const std::string file(absl::StripSuffix(table.message->file()->name(), ".proto"));
    std::string& text = diagrams[file];
    if (text.empty()) text = "erDiagram\n";
    absl::StrAppend(&text, "  ", table.name, " {\n");
    for (const Column& column : table.columns) {
      if (column.stored) absl::StrAppend(&text, ColumnLine(table, column));
    }
    absl::StrAppend(&text, "  }\n");
    for (const Relation& relation : table.relations) {
      if (!relation.many) absl::StrAppend(&text, RelationLine(table, relation));
    }
  }
  return diagrams;
}

}  // namespace tenantry::migrate
