#include "server/plan/value.h"

#include <array>

namespace tenantry::plan {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool Value::as_bool() const {
  const Reflection* r = message->GetReflection();
  return index < 0 ? r->GetBool(*message, field) : r->GetRepeatedBool(*message, field, index);
}

std::int64_t Value::as_int() const {
  const Reflection* r = message->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    return index < 0 ? r->GetInt32(*message, field) : r->GetRepeatedInt32(*message, field, index);
  }
  return index < 0 ? r->GetInt64(*message, field) : r->GetRepeatedInt64(*message, field, index);
}

int Value::as_enum() const {
  const Reflection* r = message->GetReflection();
  return index < 0 ? r->GetEnumValue(*message, field)
                   : r->GetRepeatedEnumValue(*message, field, index);
}

double Value::as_double() const {
  const Reflection* r = message->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    return index < 0 ? r->GetFloat(*message, field) : r->GetRepeatedFloat(*message, field, index);
  }
  return index < 0 ? r->GetDouble(*message, field) : r->GetRepeatedDouble(*message, field, index);
}

const std::string& Value::as_string(std::string& scratch) const {
  const Reflection* r = message->GetReflection();
  return index < 0 ? r->GetStringReference(*message, field, &scratch)
                   : r->GetRepeatedStringReference(*message, field, index, &scratch);
}

const Message& Value::as_message() const {
  const Reflection* r = message->GetReflection();
  return index < 0 ? r->GetMessage(*message, field) : r->GetRepeatedMessage(*message, field, index);
}

int Value::size() const { return message->GetReflection()->FieldSize(*message, field); }

bool IsPresent(const Value& value) {
  const FieldDescriptor* field = value.field;
  if (value.index >= 0 || field->is_repeated()) return true;
  if (field->has_presence()) return value.message->GetReflection()->HasField(*value.message, field);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::string scratch;
    return !value.as_string(scratch).empty();
  }
  return field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM || value.as_enum() != 0;
}

TimestampParts TimestampOf(const Message& timestamp) {
  const auto* descriptor = timestamp.GetDescriptor();
  const Reflection* r = timestamp.GetReflection();
  return {r->GetInt64(timestamp, descriptor->FindFieldByNumber(1)),
          r->GetInt32(timestamp, descriptor->FindFieldByNumber(2))};
}

const schema::Column& ColumnOf(schema::Type type) {
  static const auto& columns = *[] {
    auto* all = new std::array<schema::Column, static_cast<std::size_t>(schema::Type::kEnum)>();
    for (std::size_t i = 0; i < all->size(); ++i) (*all)[i].type = static_cast<schema::Type>(i);
    return all;
  }();
  return columns[static_cast<std::size_t>(type)];
}

}  // namespace tenantry::plan
