#include "tests/pg/plan/filter_maker.h"

#include "tests/support/rows.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Table;
using schema::Type;

bool Names(const std::vector<const Column*>& columns, const Column& column) {
  return std::find(columns.begin(), columns.end(), &column) != columns.end();
}

// Its values are not ours to choose.
bool IsTaken(const Table& table, const Column& column) {
  if (!column.is_settable() || Names(table.primary_key, column)) return true;
  for (const schema::UniqueKey& key : table.unique_keys) {
    if (Names(key.columns, column)) return true;
  }
  for (const schema::Relation& relation : table.relations) {
    if (Names(relation.columns, column)) return true;
  }
  return column.length_min > 0 || column.minimum.value_or(0) > 0;
}

}  // namespace

std::vector<std::string> FilterMaker::Values(const Column& column) {
  switch (column.type) {
    case Type::kBool:
      return {"true", "false"};
    case Type::kInt32:
    case Type::kInt64:
      return {"0", "1", "2", "7"};
    case Type::kFloat:
    case Type::kDouble:
      return {"-1.5", "0", "0.25", "2"};
    case Type::kText:
      return {"''", "'a'", "'A'", "'ab'", "'aB%'", "'%'", "'a_b'", "'axb'", "'\\\\'", "'a\\\\%'"};
    case Type::kUuid:
      return {"'01920000-0000-7000-8000-00000000000a'", "'01920000-0000-7000-8000-00000000000B'",
              "'f1920000-0000-7000-8000-00000000000b'"};
    case Type::kUlid:
      return {"'01ARZ3NDEKTSV4RRFFQ69G5FAV'", "'01arz3ndektsv4rrffq69g5faw'",
              "'01BRZ3NDEKTSV4RRFFQ69G5FAV'"};
    case Type::kNumeric:
      return {"'0'", "'1.5'", "'1.50'", "'-2'", "'10'"};
    case Type::kDate:
      return {"'1999-12-31'", "'2024-02-29'", "'2024-03-01'"};
    case Type::kBytes:
      return {"'a'", "'b'", "'\\377\\000'"};
    case Type::kTimestamp:
      return {"{ seconds: 1 }", "{ seconds: 1 nanos: 500000 }", "{ seconds: 1700000000 }"};
    case Type::kJson:
      return {"{ }",
              "{ fields { key: 'a' value { number_value: 1 } } }",
              "{ fields { key: 'a' value { null_value: NULL_VALUE } } }",
              "{ fields { key: 'a' value { string_value: '1' } } "
              "fields { key: 'b' value { bool_value: true } } }",
              "{ fields { key: 'a' value { list_value { values { number_value: 1 } values { "
              "string_value: 'x' } } } } }",
              "{ fields { key: 'a' value { struct_value { fields { key: 'b' value { number_value: "
              "1.5 } } } } } }"};
    case Type::kEnum: {
      std::vector<std::string> numbers;
      for (const auto& value : column.enum_type->values) {
        numbers.push_back(absl::StrCat(value.number));
      }
      return numbers;
    }
  }
  return {};
}

void FilterMaker::Set(const std::string& text, const Field* field, Message& message) {
  EXPECT_TRUE(
      google::protobuf::TextFormat::Parser().ParseFieldValueFromString(text, field, &message))
      << field->full_name() << ": " << text;
}

void FilterMaker::SetOne(const std::vector<std::string>& values, const Field* field,
                         Message& message) {
  Set(values[random_() % values.size()], field, message);
}

void FilterMaker::SetList(const std::vector<std::string>& values, const Field* field,
                          Message& message) {
  for (int n = Below(4); n > 0; --n) SetOne(values, field, message);
}

void FilterMaker::Shape(const Table& table, Message& row) {
  for (const Column& column : table.columns) {
    const Field* field = row.GetDescriptor()->FindFieldByNumber(column.number());
    if (!column.stored || IsTaken(table, column) || Below(4) == 0) continue;
    if (HasDeclaredRules(table, column)) continue;
    const bool set =
        field->is_repeated() || !field->has_presence() || row.GetReflection()->HasField(row, field);
    if (!set) continue;  // it stays NULL
    row.GetReflection()->ClearField(&row, field);
    std::vector<std::string> values = Values(column);
    // What is empty would be absent here.
    if (!field->has_presence() && !column.array) std::erase(values, "''");
    column.array ? SetList(values, field, row) : SetOne(values, field, row);
  }
}

void FilterMaker::Fill(const Table& table, int depth, Message& filter) {
  const auto field = [&](int number) { return filter.GetDescriptor()->FindFieldByNumber(number); };
  const std::vector<const Column*> columns = table.comparable();
  for (int n = Below(3); n > 0; --n) {
    const Column& column = *columns[random_() % columns.size()];
    Operators(column, *filter.GetReflection()->MutableMessage(&filter, field(column.number())));
  }
  if (depth <= 1) return;
  if (!table.relations.empty() && Below(3) == 0) {
    Relation(table.relations[random_() % table.relations.size()], depth, filter);
  }
  if (Below(3) == 0) {
    const char* const groups[] = {"all_of", "any_of", "none_of"};
    const Field* group = filter.GetDescriptor()->FindFieldByName(groups[Below(3)]);
    for (int n = 1 + Below(2); n > 0; --n) {
      Fill(table, depth - 1, *filter.GetReflection()->AddMessage(&filter, group));
    }
  }
}

void FilterMaker::Relation(const schema::Relation& relation, int depth, Message& filter) {
  Message* inner = filter.GetReflection()->MutableMessage(
      &filter, filter.GetDescriptor()->FindFieldByNumber(relation.number));
  if (relation.many) {
    inner = inner->GetReflection()->MutableMessage(inner, inner->GetDescriptor()->field(Below(3)));
  }
  Fill(*relation.target, depth - 1, *inner);
}

void FilterMaker::Operators(const Column& column, Message& operators) {
  for (int n = Below(4) == 0 ? 2 : 1; n > 0; --n) {
    Operator(column,
             operators.GetDescriptor()->field(Below(operators.GetDescriptor()->field_count())),
             operators);
  }
}

void FilterMaker::Operator(const Column& column, const Field* op, Message& operators) {
  const auto* r = operators.GetReflection();
  r->ClearField(&operators, op);
  const std::vector<std::string> values = Values(column);
  const std::vector<std::string> names = {"'a'", "'b'", "'0'", "'1'"};
  const auto* type = op->message_type();
  const auto inner = [&]() -> Message& { return *r->MutableMessage(&operators, op); };
  if (op->name() == "length") {
    Message& length = inner();
    Set(absl::StrCat(Below(4)), length.GetDescriptor()->field(Below(2)), length);
  } else if (op->name() == "between") {
    SetOne(values, type->FindFieldByName("from"), inner());
    SetOne(values, type->FindFieldByName("to"), inner());
  } else if (op->name() == "at") {
    Message& member = *r->AddMessage(&operators, op);
    const auto part = [&](const char* name) { return type->FindFieldByName(name); };
    for (int n = 1 + Below(2); n > 0; --n) SetOne(names, part("path"), member);
    if (Below(3) == 0) return SetOne({"true", "false"}, part("exists"), member);
    SetOne({"{ number_value: 1 }", "{ number_value: 1.5 }", "{ string_value: 'x' }",
            "{ null_value: NULL_VALUE }", "{ bool_value: true }"},
           part(Below(2) == 0 ? "eq" : "ne"), member);
  } else if (type != nullptr && absl::EndsWith(type->name(), "Values")) {
    SetList(absl::StartsWith(op->name(), "has_") ? names : values, type->field(0), inner());
  } else if (op->name() == "has_key") {
    SetOne(names, op, operators);
  } else if (op->name() == "like" || op->name() == "ilike") {
    SetOne({"'a%'", "'%b'", "'A_'", "'\\\\%%'", "'%\\\\_b'", "'%'"}, op, operators);
  } else if (op->name() == "is_null" || op->name() == "is_empty") {
    SetOne({"true", "false"}, op, operators);
  } else {
    SetOne(values, op, operators);
  }
}

}  // namespace tenantry::test
