#include "tests/support/function_requests.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/schema/rules.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Function;
using schema::Table;
using schema::Type;

// The message that the argument is a field of.
Message& Owner(const Function::Argument& argument, Message& request) {
  if (argument.list == nullptr) return request;
  return *request.GetReflection()->MutableRepeatedMessage(&request, argument.list->api, 0);
}

void SetTime(std::int64_t seconds, const FieldDescriptor* field, Message& message) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  message.GetReflection()
      ->MutableMessage(&message, field)
      ->ParseFromString(time.SerializeAsString());
}

// The first time of a request is the earliest that there is, all others are the latest.
void WidenTimes(const Table& row, Message& message) {
  bool first = true;
  for (const Column& column : row.columns) {
    if (column.type != Type::kTimestamp || column.array) continue;
    SetTime(first ? schema::kTimeSecondsMin : schema::kTimeSecondsMax, column.api, message);
    first = false;
  }
}

void SetLeast(const Column& column, Message& message) {
  const auto least = column.minimum.value_or(1);
  if (column.type == Type::kInt32) {
    message.GetReflection()->SetInt32(&message, column.api, static_cast<std::int32_t>(least));
  } else if (column.type == Type::kInt64) {
    message.GetReflection()->SetInt64(&message, column.api, least);
  }
}

MessagePtr Widest(const Table& row, RowFactory& factory) {
  MessagePtr message = factory.Make(row, [](const schema::Relation&) { return nullptr; });
  for (const Column& column : row.columns) {
    if (column.array || column.field->has_optional_keyword()) {
      message->GetReflection()->ClearField(message.get(), column.api);
    } else {
      SetLeast(column, *message);
    }
  }
  WidenTimes(row, *message);
  return message;
}

}  // namespace

std::optional<Target> TargetOf(const schema::Schema& schema, const Function::Argument& argument) {
  const std::string& name = argument.column->field->name();
  for (const Table& table : schema.tables()) {
    for (const schema::Relation& relation : table.relations) {
      const bool named = !relation.many && relation.columns.size() == 1 &&
                         relation.columns[0]->field->name() == name;
      if (named) return Target{relation.target, relation.references[0]};
    }
    if (name == absl::StrCat(table.field_name, "_id") && table.primary_key.size() == 1) {
      return Target{&table, table.primary_key[0]};
    }
  }
  return std::nullopt;
}

MessagePtr FunctionRequest(const schema::Schema& schema, const schema::Method& method,
                           RowFactory& factory, const RowOf& row_of) {
  const Function& function = *method.function;
  MessagePtr request = Widest(function.request, factory);
  for (const Function::List& list : function.lists) {
    const MessagePtr entry = Widest(list.entry, factory);
    request->GetReflection()->AddMessage(request.get(), list.api)->CopyFrom(*entry);
  }
  for (const Function::Argument& argument : function.arguments) {
    const std::optional<Target> target = TargetOf(schema, argument);
    if (!target.has_value()) continue;
    if (const Message* row = row_of(*target->table)) NameRow(argument, *target, *row, *request);
  }
  return request;
}

void NameRow(const Function::Argument& argument, const Target& target, const Message& row,
             Message& request) {
  CopyValue(row, *target.column->api, Owner(argument, request), *argument.column->api);
}

}  // namespace tenantry::test
