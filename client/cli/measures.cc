#include "client/cli/measures.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/fields.h"
#include "client/cli/names.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/select.h"
#include "client/cli/where.h"
#include "tenantry/v1/aggregate.pb.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kFlag[] = "--measure";

absl::Status Usage(absl::string_view flag, const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", message));
}

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

int EnumIn(const Message& message, const char* field) {
  return message.GetReflection()->GetEnumValue(message, Field(message, field));
}

// What it comes to, as a field of AggregateValue and MeasureFilter.
std::string KindOf(const Message& measure, const FieldDescriptor* column) {
  const int function = EnumIn(measure, "function");
  if (column == nullptr || function <= v1::AGGREGATE_FUNCTION_COUNT_DISTINCT) return "integer";
  const bool average = function == v1::AGGREGATE_FUNCTION_AVG;
  switch (column->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return average ? "decimal" : "integer";
    case FieldDescriptor::CPPTYPE_INT64:
      return average || function == v1::AGGREGATE_FUNCTION_SUM ? "decimal" : "integer";
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "floating";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "timestamp";
    default:
      break;
  }
  if (FormatOf(*column) == v1::FORMAT_NUMERIC) return "decimal";
  return FormatOf(*column) == v1::FORMAT_DATE ? "date" : "text";
}

// Where the names before the function end: `contact.orders.` of `contact.orders.sum:total_cents`.
std::size_t EndOfPath(const std::string& text) {
  const std::size_t end = text.find_first_of(":[");
  const std::size_t dot = text.rfind('.', end);
  return dot == std::string::npos ? 0 : dot + 1;
}

// The list of measures of the relation that is named last, within the select that the names before
// it lead to.
absl::StatusOr<Message*> AddEntry(std::vector<std::string> names, Message& select) {
  const std::string relation = names.back();
  names.pop_back();
  Message* at = &select;
  for (const std::string& name : names) {
    auto below = EnterSelect(name, kFlag, *at);
    if (!below.ok()) return below.status();
    at = *below;
  }
  const FieldDescriptor* aggregates = AggregatesOf(*at->GetDescriptor());
  if (aggregates == nullptr) {
    return Usage(kFlag, absl::StrCat("nothing to measure under ", relation,
                                     ": there is no relation to many rows"));
  }
  const FieldDescriptor* list = aggregates->message_type()->FindFieldByName(Snake(relation));
  if (list == nullptr) {
    std::vector<std::string> known;
    for (int i = 0; i < aggregates->message_type()->field_count(); ++i) {
      known.push_back(aggregates->message_type()->field(i)->name());
    }
    const std::string hint = DidYouMean(Snake(relation), known);
    return Usage(kFlag,
                 absl::StrCat("no relation ", relation, " to many rows",
                              hint.empty() ? "; there are " + absl::StrJoin(known, ", ") : hint));
  }
  Message* message = at->GetReflection()->MutableMessage(at, aggregates);
  return message->GetReflection()->AddMessage(message, list);
}

absl::Status AddOne(std::string text, Message& select) {
  std::string name;
  const std::size_t equals = text.find('=');
  if (equals < text.find('[')) {
    name = text.substr(0, equals + 1);
    text.erase(0, equals + 1);
  }
  const std::size_t path = EndOfPath(text);
  if (path == 0) {
    return Usage(kFlag, absl::StrCat(text, " names no relation, as in orders.count"));
  }
  auto entry = AddEntry(absl::StrSplit(text.substr(0, path - 1), '.'), select);
  if (!entry.ok()) return entry.status();
  return ReadMeasure(absl::StrCat(name, text.substr(path)), **entry);
}

}  // namespace

std::vector<std::string> ShortNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(ShortName(*type.value(i)));
  return names;
}

absl::Status SetNamed(absl::string_view flag, const FieldDescriptor& field, const std::string& text,
                      Message& message) {
  const auto* value = FindEnumValue(*field.enum_type(), text);
  if (value == nullptr || value->number() == 0) {
    const std::vector<std::string> names = ShortNames(*field.enum_type());
    const std::string hint = DidYouMean(Snake(text), names);
    return Usage(flag,
                 absl::StrCat("no ", field.name(), " ", text,
                              hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
  }
  message.GetReflection()->SetEnum(&message, &field, value);
  return absl::OkStatus();
}

std::vector<std::string> SplitMeasures(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

absl::Status ReadMeasure(std::string text, Message& measure) {
  if (const std::size_t bracket = text.find('['); bracket != std::string::npos) {
    if (text.back() != ']') return Usage(kFlag, absl::StrCat(text, " does not end with ]"));
    const std::string conditions = text.substr(bracket + 1, text.size() - bracket - 2);
    Message& filter = *measure.GetReflection()->MutableMessage(&measure, Field(measure, "filter"));
    for (absl::string_view condition : absl::StrSplit(conditions, '&')) {
      auto status = AddCondition(std::string(condition), filter, kFlag);
      if (!status.ok()) return status;
    }
    text.resize(bracket);
  }
  if (const std::size_t equals = text.find('='); equals != std::string::npos) {
    measure.GetReflection()->SetString(&measure, Field(measure, "name"), text.substr(0, equals));
    text.erase(0, equals + 1);
  }
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  auto status = SetNamed(kFlag, *Field(measure, "function"), parts.first, measure);
  if (!status.ok() || parts.second.empty()) return status;
  return SetNamed(kFlag, *Field(measure, "field"), parts.second, measure);
}

Measure MeasureOf(const Message& measure, const Descriptor& row, absl::string_view prefix) {
  const FieldDescriptor* column = row.FindFieldByNumber(EnumIn(measure, "field"));
  std::string name = measure.GetReflection()->GetString(measure, Field(measure, "name"));
  if (name.empty()) {
    const auto* function = measure.GetReflection()->GetEnum(measure, Field(measure, "function"));
    name = absl::StrCat(prefix, ShortName(*function));
    if (column != nullptr) absl::StrAppend(&name, "_", column->name());
  }
  return {std::move(name), KindOf(measure, column)};
}

absl::StatusOr<std::string> CellOfMeasure(const Message& holder, const FieldDescriptor& map,
                                          const std::string& name) {
  for (int i = 0, n = holder.GetReflection()->FieldSize(holder, &map); i < n; ++i) {
    const Message& entry = holder.GetReflection()->GetRepeatedMessage(holder, &map, i);
    if (entry.GetReflection()->GetString(entry, Field(entry, "key")) != name) continue;
    const Message& value = entry.GetReflection()->GetMessage(entry, Field(entry, "value"));
    std::vector<const FieldDescriptor*> set;
    value.GetReflection()->ListFields(value, &set);
    if (!set.empty()) return CellOf(value, *set[0], name, nullptr);
  }
  return "";
}

absl::Status AddToAggregates(const std::string& text, Message& select) {
  for (std::string& one : SplitMeasures(text)) {
    if (auto status = AddOne(std::move(one), select); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<Measure> AggregatesIn(const Message& select, const Descriptor& row) {
  std::vector<Measure> measures;
  const FieldDescriptor* field = AggregatesOf(*select.GetDescriptor());
  if (field == nullptr) return measures;
  const Message& aggregates = select.GetReflection()->GetMessage(select, field);
  for (int i = 0; i < aggregates.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* list = aggregates.GetDescriptor()->field(i);
    const FieldDescriptor* relation = row.FindFieldByNumber(list->number());
    for (int k = 0; k < aggregates.GetReflection()->FieldSize(aggregates, list); ++k) {
      measures.push_back(
          MeasureOf(aggregates.GetReflection()->GetRepeatedMessage(aggregates, list, k),
                    *relation->message_type(), absl::StrCat(relation->name(), "_")));
    }
  }
  return measures;
}

}  // namespace tenantry::cli
