#include "server/schema/derive_write.h"

#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_resource.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"
#include "server/schema/nested.h"

namespace tenantry::schema {
namespace {

using Field = FileWriter::Field;
namespace number = field_number;

std::string IncrementName(const Table& table) {
  return absl::StrCat(table.message->name(), "Increment");
}

}  // namespace

std::vector<const Column*> Countable(const Table& table) {
  std::vector<const Column*> columns;
  for (const Column& column : table.columns) {
    const bool key = absl::c_linear_search(table.primary_key, &column);
    if (!InfoOf(column.type).is_number || column.array || column.immutable || key) continue;
    if (column.is_settable() && column.is_readable()) columns.push_back(&column);
  }
  return columns;
}

void AddIncrement(const ApiLayout& api, const Table& table, FileWriter& queries) {
  queries.AddMessage(
      IncrementName(table),
      absl::StrCat("What is added to the numbers of one ", Words(table.message->name()),
                   ", or with a minus taken away, whatever they are by then. A field "
                   "without a value stays without one."));
  for (const Column* column : Countable(table)) {
    Field field = FieldOf(api, *column, column->field->name(), column->number());
    field.optional = true;
    queries.AddField(field, "");
  }
}

Field IncrementField(const ApiLayout& api, const Table& table, int number) {
  return FileWriter::OfMessage("increment", number, api.Name(IncrementName(table)), api.queries());
}

std::string RowsOfRelations(const Table& table) {
  return absl::c_any_of(table.relations, IsCreatable)
             ? ", and rows of its relations with it: all of them or none"
             : "";
}

Field RequireField(const ApiLayout& api, const Table& table) {
  return FileWriter::OfMessage("require", number::kRequire, api.Name(FilterName(table)),
                               api.queries());
}

}  // namespace tenantry::schema
