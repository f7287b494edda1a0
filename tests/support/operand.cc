#include "tests/support/operand.h"

#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/text_format.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

void SetText(const std::string& text, const FieldDescriptor* field, Message& message) {
  TextFormat::Parser().ParseFieldValueFromString(text, field, &message);
}

// The value, or each element of it, put into a field of the same type.
void CopyAll(const FieldDescriptor* from, const Message& row, const FieldDescriptor* to,
             Message& message) {
  const int size = from->is_repeated() ? row.GetReflection()->FieldSize(row, from) : 1;
  for (int i = 0; i < size; ++i) {
    std::string text;
    TextFormat::PrintFieldValueToString(row, from, from->is_repeated() ? i : -1, &text);
    if (from->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) text = "{" + text + "}";
    SetText(text, to, message);
  }
}

}  // namespace

bool SetOperand(const schema::Column& column, const FieldDescriptor* op, const Message& row,
                Message& operators) {
  const FieldDescriptor* value = column.api;
  if (value->has_presence() && !row.GetReflection()->HasField(row, value)) return false;
  const std::string& name = op->name();
  const auto* type = op->message_type();
  const auto inner = [&]() -> Message& {
    return *operators.GetReflection()->MutableMessage(&operators, op);
  };
  if (name == "is_null" || name == "is_empty") {
    SetText(column.array && row.GetReflection()->FieldSize(row, value) == 0 ? "true" : "false", op,
            operators);
  } else if (name == "length") {
    SetText("0", type->FindFieldByName("gte"), inner());
  } else if (name == "at") {
    SetText("{ path: 'nothing' exists: false }", op, operators);
  } else if (name == "between") {
    CopyAll(value, row, type->FindFieldByName("from"), inner());
    CopyAll(value, row, type->FindFieldByName("to"), inner());
  } else if (name == "has_key") {
    SetText("'a'", op, operators);
  } else if (type != nullptr && absl::EndsWith(type->name(), "Values")) {
    // `not_in: {}` holds of every row, as `has_all_keys: {}` does.
    if (name == "not_in" || absl::StartsWith(name, "has_")) return inner(), true;
    CopyAll(value, row, type->FindFieldByName("values"), inner());
  } else {
    CopyAll(value, row, op, operators);
  }
  return true;
}

}  // namespace tenantry::test
