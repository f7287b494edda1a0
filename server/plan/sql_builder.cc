#include "server/plan/sql_builder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/strings.h"
#include "server/plan/page_token.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Type;

// 128 bits of the text: two shapes must never share a name.
std::string NameOf(absl::string_view text) {
  return absl::StrFormat("t%016x%016x", StableHash(ToStd(text)),
                         StableHash(ToStd(text), 0x9e3779b97f4a7c15ULL));
}

bool ReadAsText(const Column& column) {
  return column.type == Type::kNumeric || column.type == Type::kDate;
}

}  // namespace

absl::string_view TransportType(const Column& column) {
  switch (column.type) {
    case Type::kBool:
      return "boolean";
    case Type::kInt32:
      return "integer";
    case Type::kInt64:
      return "bigint";
    case Type::kFloat:
      return "real";
    case Type::kDouble:
      return "double precision";
    case Type::kUuid:
      return "uuid";
    case Type::kBytes:
      return "bytea";
    case Type::kTimestamp:
      return "timestamptz";
    default:
      return "text";
  }
}

std::string CastFromTransport(absl::string_view expression, const Column& column) {
  const absl::string_view suffix = column.array ? "[]" : "";
  switch (column.type) {
    case Type::kNumeric:  // no precision: the value was checked, a cast would round
      return absl::StrCat(expression, "::numeric", suffix);
    case Type::kDate:
      return absl::StrCat(expression, "::date", suffix);
    case Type::kJson:
      return absl::StrCat(expression, "::jsonb", suffix);
    case Type::kEnum:
      return absl::StrCat(expression, "::", column.enum_type->sql_name, suffix);
    default:  // the column's varchar(n) is not cast to: a cast would cut silently
      return std::string(expression);
  }
}

int SqlBuilder::Place(Parameter parameter) {
  parameters_.push_back(parameter);
  return static_cast<int>(parameters_.size());
}

SqlBuilder& SqlBuilder::Text(absl::string_view text) {
  text_.append(text.data(), text.size());
  return *this;
}

SqlBuilder& SqlBuilder::Bind(Parameter parameter) {
  const int n = Place(parameter);
  if (parameter.source == Source::kTenant) {
    absl::StrAppend(&text_, "$", n, "::uuid");
  } else if (parameter.source == Source::kLimit) {
    absl::StrAppend(&text_, "$", n, "::bigint");
  } else {
    const Column& column = *parameter.column;
    const std::string placeholder =
        absl::StrCat("$", n, "::", TransportType(column), column.array ? "[]" : "");
    text_ += CastFromTransport(placeholder, column);
  }
  return *this;
}

SqlBuilder& SqlBuilder::BindArray(Parameter parameter) {
  const int n = Place(parameter);
  // An array per row travels as its text form: unnest would flatten arrays of arrays.
  const absl::string_view type =
      parameter.column->array ? "text" : TransportType(*parameter.column);
  absl::StrAppend(&text_, "$", n, "::", type, "[]");
  return *this;
}

SqlBuilder& SqlBuilder::ResultColumns(absl::string_view alias) {
  const std::string prefix = alias.empty() ? "" : absl::StrCat(alias, ".");
  absl::string_view separator;
  for (const Column& column : table_.columns) {
    absl::StrAppend(&text_, separator, prefix, column.sql_name);
    if (ReadAsText(column)) absl::StrAppend(&text_, "::text", column.array ? "[]" : "");
    separator = ", ";
  }
  return *this;
}

SqlBuilder& SqlBuilder::TenantIs(absl::string_view alias) {
  if (!alias.empty()) absl::StrAppend(&text_, alias, ".");
  absl::StrAppend(&text_, table_.tenant_sql_name, " = ");
  return Bind({.source = Source::kTenant});
}

std::shared_ptr<const SqlText> SqlBuilder::Finish(const schema::Method& method) {
  auto text = std::make_shared<SqlText>();
  text->name = NameOf(text_);
  text->sql = std::move(text_);
  text->read_only = method.read_only;
  if (!method.read_only) {
    text->written_schema = table_.schema;
    text->written_table = table_.name;
    // A soft delete is an update: the row stays for those that refer to it.
    text->removes_rows = method.kind == v1::METHOD_KIND_DELETE && table_.delete_time == nullptr;
  }
  return text;
}

}  // namespace tenantry::plan
