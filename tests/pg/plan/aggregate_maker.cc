#include "tests/pg/plan/aggregate_maker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Table;
using schema::Type;

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}
Message& Add(Message& message, const char* name) {
  return *message.GetReflection()->AddMessage(&message, Field(message, name));
}
Message& Below(Message& message, const FieldDescriptor* field) {
  return *message.GetReflection()->MutableMessage(&message, field);
}
void SetEnum(Message& message, const char* name, int value) {
  message.GetReflection()->SetEnumValue(&message, Field(message, name), value);
}
void SetText(Message& message, const char* name, const std::string& text) {
  message.GetReflection()->SetString(&message, Field(message, name), text);
}

bool IsNumber(Type type) {
  return type == Type::kInt32 || type == Type::kInt64 || type == Type::kFloat ||
         type == Type::kDouble || type == Type::kNumeric;
}
bool IsOrdered(Type type) {
  return IsNumber(type) || type == Type::kText || type == Type::kUlid || type == Type::kDate ||
         type == Type::kTimestamp;
}

// In AggregateValue and MeasureFilter.
std::string KindOf(int function, const Column* column) {
  if (function <= v1::AGGREGATE_FUNCTION_COUNT_DISTINCT) return "integer";
  const bool average = function == v1::AGGREGATE_FUNCTION_AVG;
  switch (column->type) {
    case Type::kInt32:
      return average ? "decimal" : "integer";
    case Type::kInt64:
      return average || function == v1::AGGREGATE_FUNCTION_SUM ? "decimal" : "integer";
    case Type::kNumeric:
      return "decimal";
    case Type::kFloat:
    case Type::kDouble:
      return "floating";
    case Type::kTimestamp:
      return "timestamp";
    case Type::kDate:
      return "date";
    default:
      return "text";
  }
}

std::vector<std::string> ValuesOf(const std::string& kind, Type type) {
  if (type == Type::kUlid) {
    return {"'01ARZ3NDEKTSV4RRFFQ69G5FAV'", "'01BRZ3NDEKTSV4RRFFQ69G5FAV'"};
  }
  if (kind == "integer") return {"0", "1", "2", "5", "12"};
  if (kind == "decimal") return {"'0'", "'1.5'", "'2'", "'7'", "'-3.25'"};
  if (kind == "floating") return {"0", "0.25", "1.5", "2"};
  if (kind == "timestamp") return {"{ seconds: 1 }", "{ seconds: 1700000000 }"};
  if (kind == "date") return {"'2024-02-29'", "'2024-03-01'"};
  return {"'a'", "'ab'", "'B'"};
}

void Parse(const std::string& text, const char* field, Message& message) {
  EXPECT_TRUE(google::protobuf::TextFormat::Parser().ParseFieldValueFromString(
      text, Field(message, field), &message))
      << text;
}

}  // namespace

void AggregateMaker::Fill(const schema::Method& method, Message& request) {
  const Table& table = *method.table;
  std::set<std::string> keys;
  int groups = 0;
  for (int n = Below(4); n > 0; --n) {
    Message& entry = Add(request, "group_by");
    if (keys.insert(Key(table, 3, entry)).second) {
      ++groups;
    } else {
      request.GetReflection()->RemoveLast(&request, Field(request, "group_by"));
    }
  }
  std::vector<std::string> names;
  std::vector<Kind> kinds;
  for (int i = 0, n = Below(4); i < n; ++i) {
    Message& measure = Add(request, "measures");
    kinds.push_back(Measure(table, i, measure));
    names.push_back(absl::StrCat("m", i));
  }
  if (names.empty()) {
    names = {"count"};
    kinds = {{"integer", Type::kInt64}};
  }
  if (Below(2) == 0) filters_.Fill(table, 3, test::Below(request, Field(request, "filter")));
  for (int n = Below(3); n > 0; --n) {
    const auto at = static_cast<std::size_t>(Below(static_cast<int>(names.size())));
    Having(names[at], kinds[at], Add(request, "having"));
  }
  for (int n = Below(3); n > 0; --n) Order(groups, names, Add(request, "order_by"));
  const FieldDescriptor* show_deleted = Field(request, "show_deleted");
  if (show_deleted != nullptr && Below(2) == 0) {
    request.GetReflection()->SetBool(&request, show_deleted, true);
  }
  if (Below(2) == 0) {
    request.GetReflection()->SetInt32(&request, Field(request, "limit"), 1 + Below(6));
  }
}

std::string AggregateMaker::Key(const Table& table, int depth, Message& entry) {
  std::vector<const schema::Relation*> relations;
  for (const schema::Relation& relation : table.relations) {
    if (!relation.many && schema::IsRead(*relation.target)) relations.push_back(&relation);
  }
  if (depth > 0 && !relations.empty() && Below(3) == 0) {
    const auto& relation =
        *relations[static_cast<std::size_t>(Below(static_cast<int>(relations.size())))];
    Message& inner = test::Below(entry, entry.GetDescriptor()->FindFieldByNumber(relation.number));
    return absl::StrCat(relation.name, ".", Key(*relation.target, depth - 1, inner));
  }
  const auto* columns = Field(entry, "field")->enum_type();
  const int number = columns->value(1 + Below(columns->value_count() - 1))->number();
  SetEnum(entry, "field", number);
  const Column& column = *table.FindColumnByNumber(number);
  Unit(column, entry);
  return column.name;
}

void AggregateMaker::Unit(const Column& column, Message& entry) {
  if (column.type == Type::kDate && Below(4) != 0) {
    return SetEnum(entry, "unit", v1::TIME_UNIT_DAY + Below(5));
  }
  if (column.type != Type::kTimestamp || Below(4) == 0) return;
  SetEnum(entry, "unit", v1::TIME_UNIT_MINUTE + Below(7));
  const char* const zones[] = {"", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"};
  SetText(entry, "time_zone", zones[Below(5)]);
}

AggregateMaker::Kind AggregateMaker::Measure(const Table& table, int index, Message& measure) {
  SetText(measure, "name", absl::StrCat("m", index));
  int function = v1::AGGREGATE_FUNCTION_COUNT;
  const Column* column = nullptr;
  if (Below(6) != 0) {
    const auto* columns = Field(measure, "field")->enum_type();
    column =
        table.FindColumnByNumber(columns->value(1 + Below(columns->value_count() - 1))->number());
    do {
      function = v1::AGGREGATE_FUNCTION_COUNT + Below(6);
    } while ((function == v1::AGGREGATE_FUNCTION_SUM || function == v1::AGGREGATE_FUNCTION_AVG)
                 ? !IsNumber(column->type)
                 : function >= v1::AGGREGATE_FUNCTION_MIN && !IsOrdered(column->type));
    SetEnum(measure, "field", column->number());
  }
  SetEnum(measure, "function", function);
  if (Below(3) == 0) {
    filters_.Fill(table, 2, test::Below(measure, Field(measure, "filter")));
  }
  std::string kind = KindOf(function, column);
  const Type type = kind == "text" ? column->type : Type::kInt64;
  return {std::move(kind), type};
}

void AggregateMaker::Having(const std::string& name, const Kind& kind, Message& having) {
  SetText(having, "measure", name);
  Message& filter = test::Below(having, Field(having, kind.field.c_str()));
  const std::vector<std::string> values = ValuesOf(kind.field, kind.type);
  const auto value = [&] {
    return values[static_cast<std::size_t>(Below(static_cast<int>(values.size())))];
  };
  const char* const operators[] = {"ne", "lt", "lte", "gt", "gte", "is_null", "between"};
  const char* op = operators[Below(7)];
  if (std::string_view(op) == "is_null") return Parse(Below(2) == 0 ? "true" : "false", op, filter);
  if (std::string_view(op) != "between") return Parse(value(), op, filter);
  Message& range = test::Below(filter, Field(filter, op));
  Parse(value(), "from", range);
  Parse(value(), "to", range);
}

void AggregateMaker::Order(int groups, const std::vector<std::string>& names, Message& order) {
  if (groups > 0 && Below(2) == 0) {
    order.GetReflection()->SetInt32(&order, Field(order, "group"), Below(groups));
  } else {
    SetText(order, "measure",
            names[static_cast<std::size_t>(Below(static_cast<int>(names.size())))]);
  }
  SetEnum(order, "direction", Below(3));
  SetEnum(order, "nulls", Below(3));
}

}  // namespace tenantry::test
