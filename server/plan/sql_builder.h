// SQL text of the standard methods. No value and no tenant is ever in the text.
//
// How values travel: uuid, numbers, booleans, timestamps and bytes in their own binary format;
// enums, numeric, date, jsonb and everything else as text, cast in the statement. Results likewise:
// numeric and date are cast to text, the rest is read in binary.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/plan/plan.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

// Text and parameters under construction: a parameter is appended where its placeholder is written.
class SqlBuilder {
 public:
  explicit SqlBuilder(const schema::Table& table) : table_(table) {}

  SqlBuilder& Text(absl::string_view text);
  // `$n`, with the cast to the column's own type when it has a column.
  SqlBuilder& Bind(Parameter parameter);
  // `$n::T[]` where T is the type in which elements travel.
  SqlBuilder& BindArray(Parameter parameter);
  // The table's columns as results, each prefixed by `alias.` unless it is empty.
  SqlBuilder& ResultColumns(absl::string_view alias = "");
  // `"tenant_id" = $n`, prefixed alike.
  SqlBuilder& TenantIs(absl::string_view alias = "");

  std::vector<Parameter>& parameters() { return parameters_; }
  const std::string& text() const { return text_; }
  const schema::Table& table() const { return table_; }

  // Named by its text, so that the same shape made again finds its prepared statement.
  std::shared_ptr<const SqlText> Finish(const schema::Method& method);

 private:
  int Place(Parameter parameter);

  const schema::Table& table_;
  std::string text_;
  std::vector<Parameter> parameters_;
};

// Type in which a single value of the column travels, without `[]`.
absl::string_view TransportType(const schema::Column& column);
// Turns an expression of the transport type into the column's own type.
std::string CastFromTransport(absl::string_view expression, const schema::Column& column);

}  // namespace tenantry::plan
