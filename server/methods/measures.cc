#include "server/methods/measures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::methods {
namespace {

namespace number = schema::field_number;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using plan::Value;
using schema::Column;
using schema::Type;
using Function = plan::Measure::Function;

constexpr std::size_t kNameBytesMax = 63;

bool IsOrdered(Type type) {
  return schema::InfoOf(type).is_number || type == Type::kText || type == Type::kUlid ||
         type == Type::kDate || type == Type::kTimestamp;
}

// Empty when the function has a result for such values.
std::string WhyUnfit(Function function, const Column& column) {
  const bool adds = function == Function::kSum || function == Function::kAverage;
  if (adds && !schema::InfoOf(column.type).is_number) {
    return absl::StrCat("is of numbers, which ", column.field->name(),
                        " is not: MIN, MAX, COUNT and COUNT_DISTINCT take other columns");
  }
  const bool extreme = function == Function::kMinimum || function == Function::kMaximum;
  if (extreme && !IsOrdered(column.type)) {
    return absl::StrCat("is of numbers, texts, dates and times, which ", column.field->name(),
                        " is not: COUNT and COUNT_DISTINCT take any column");
  }
  return "";
}

absl::string_view NameOf(Function function) {
  switch (function) {
    case Function::kCount:
      return "count";
    case Function::kCountDistinct:
      return "count_distinct";
    case Function::kSum:
      return "sum";
    case Function::kAverage:
      return "avg";
    case Function::kMinimum:
      return "min";
    case Function::kMaximum:
      return "max";
  }
  return "";
}

Function FunctionOf(int value) {
  return static_cast<Function>(value - v1::AGGREGATE_FUNCTION_COUNT);
}
static_assert(v1::AGGREGATE_FUNCTION_MAX - v1::AGGREGATE_FUNCTION_COUNT ==
              static_cast<int>(Function::kMaximum));

bool IsMeasureName(const std::string& name) {
  return name.size() <= kNameBytesMax && !name.empty() &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

}  // namespace

Value Part(const Message& message, int field_number) {
  return {&message, message.GetDescriptor()->FindFieldByNumber(field_number)};
}

const Column* ColumnNamed(const schema::Table& table, const Value& value, const Path& path,
                          plan::Violations& violations) {
  plan::CheckEnumKnown(value, Path(path, value.field->name()), violations);
  return table.FindColumnByNumber(value.as_enum());
}

void MeasureWalk::TakeRows(std::vector<plan::Measure>& measures) {
  measures.emplace_back();
  call_.measure_names.emplace_back(NameOf(Function::kCount));
}

void MeasureWalk::Take(const Message& entry, const Path& path,
                       std::vector<plan::Measure>& measures) {
  const Value function = Part(entry, number::kMeasureFunction);
  const Value field = Part(entry, number::kMeasureField);
  const Path function_path(path, function.field->name());
  plan::Measure measure;
  plan::CheckEnumKnown(function, function_path, violations_);
  measure.column = ColumnNamed(table_, field, path, violations_);
  if (function.as_enum() == v1::AGGREGATE_FUNCTION_UNSPECIFIED) {
    violations_.Add(function_path, "is required");
  } else if (v1::AggregateFunction_IsValid(function.as_enum())) {
    measure.function = FunctionOf(function.as_enum());
    CheckFunction(measure, function_path, Path(path, field.field->name()));
  }
  TakeName(entry, path, measure);
  TakeFilter(entry, path, measure.where);
  measures.push_back(std::move(measure));
}

void MeasureWalk::CheckFunction(const plan::Measure& measure, const Path& path,
                                const Path& field_path) {
  if (measure.column == nullptr) {
    if (measure.function == Function::kCount) return;
    return violations_.Add(field_path, "is required: only COUNT counts whole rows");
  }
  std::string why = WhyUnfit(measure.function, *measure.column);
  if (!why.empty()) violations_.Add(path, std::move(why));
}

void MeasureWalk::TakeName(const Message& entry, const Path& path, const plan::Measure& measure) {
  const Value field = Part(entry, number::kMeasureName);
  const Path name_path(path, field.field->name());
  std::string scratch;
  std::string name = field.as_string(scratch);
  if (name.empty()) {
    name = absl::StrCat(prefix_, NameOf(measure.function));
    if (measure.column != nullptr) absl::StrAppend(&name, "_", measure.column->field->name());
  } else if (!IsMeasureName(name)) {
    violations_.Add(name_path,
                    absl::StrCat("must be of letters, digits and _, begin with no digit, and have "
                                 "at most ",
                                 kNameBytesMax, " characters"));
  }
  if (Named(name) >= 0) {
    violations_.Add(name_path, absl::StrCat("`", name,
                                            "` is the name of an earlier entry: give this one "
                                            "another"));
  }
  call_.measure_names.push_back(std::move(name));
}

int MeasureWalk::Named(const std::string& name) const {
  const auto& names = call_.measure_names;
  const auto first = names.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto found = std::find(first, names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - first);
}

int MeasureWalk::TakeNamed(const Value& value, const Path& path) {
  std::string scratch;
  const std::string& name = value.as_string(scratch);
  const int measure = Named(name);
  if (measure >= 0) return measure;
  violations_.Add(Path(path, value.field->name()),
                  name.empty() ? "is required"
                               : absl::StrCat("names no measure; there ",
                                              call_.measure_names.size() == 1 ? "is " : "are ",
                                              absl::StrJoin(call_.measure_names, ", ")));
  return -1;
}

void MeasureWalk::TakeFilter(const Message& entry, const Path& path,
                             std::vector<plan::Expr>& where) {
  const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByNumber(number::kMeasureFilter);
  if (!entry.GetReflection()->HasField(entry, field)) return;
  filters_.Take(table_, entry.GetReflection()->GetMessage(entry, field), Path(path, field->name()),
                call_, where, violations_, Filters::Use::kCheck);
}

}  // namespace tenantry::methods
