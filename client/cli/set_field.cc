// SetField: one value, from text.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/names.h"
#include "client/cli/request.h"
#include "client/cli/text.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status MustBe(const std::string& flag, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(flag, " must be ", what));
}

// Sets or, for a repeated field, adds; protobuf's reflection has a pair of functions for each type.
template <typename Value, typename Set, typename Add>
absl::Status Put(Message& message, const FieldDescriptor& field, Value value, Set set, Add add) {
  const auto* reflection = message.GetReflection();
  (reflection->*(field.is_repeated() ? add : set))(&message, &field, std::move(value));
  return absl::OkStatus();
}

template <typename Value, typename Set, typename Add>
absl::Status PutInteger(Message& message, const FieldDescriptor& field, const std::string& text,
                        const std::string& flag, Set set, Add add) {
  Value value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return MustBe(flag,
                  sizeof(Value) == 4 ? "a whole number of 32 bits" : "a whole number of 64 bits");
  }
  return Put(message, field, value, set, add);
}

absl::Status PutText(Message& message, const FieldDescriptor& field, const std::string& text,
                     const std::string& flag) {
  using google::protobuf::Reflection;
  std::string value = text;
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    if (!absl::Base64Unescape(text, &value)) return MustBe(flag, "base64");
  } else if (!IsUtf8(text)) {
    return MustBe(flag, "UTF-8 text");
  }
  return Put(message, field, std::move(value), &Reflection::SetString, &Reflection::AddString);
}

absl::Status PutBool(Message& message, const FieldDescriptor& field, const std::string& text,
                     const std::string& flag) {
  using google::protobuf::Reflection;
  bool value = false;
  if (!absl::SimpleAtob(text, &value)) return MustBe(flag, "true or false");
  return Put(message, field, value, &Reflection::SetBool, &Reflection::AddBool);
}

absl::Status PutEnum(Message& message, const FieldDescriptor& field, const std::string& text,
                     const std::string& flag) {
  using google::protobuf::Reflection;
  const auto* value = FindEnumValue(*field.enum_type(), text);
  if (value == nullptr) return MustBe(flag, "one of " + ListValues(*field.enum_type()));
  return Put(message, field, value, &Reflection::SetEnum, &Reflection::AddEnum);
}

// Messages, maps and whole lists: by way of the JSON of the message around them, which knows the
// forms of the well-known types.
absl::Status PutJson(Message& message, const FieldDescriptor& field, const std::string& text,
                     const std::string& flag) {
  if (auto status = CheckTextDepth(text, flag); !status.ok()) return status;
  std::string source = text;
  const bool time = field.message_type() != nullptr &&
                    field.message_type()->full_name() == "google.protobuf.Timestamp";
  if (time && source.size() == 10) source += "T00:00:00Z";
  // What is not JSON is a string without its quotes: a time, a duration.
  Json value = Json::parse(source, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded() || time) {
    if (!IsUtf8(source)) return MustBe(flag, "UTF-8 text");
    value = source;
  }
  const bool element = field.is_repeated() && !field.is_map() && !value.is_array();
  if (element) value = Json::array({value});

  const std::unique_ptr<Message> around(message.New());
  if (auto status = FromJson(Json::object({{field.name(), value}}), flag, *around); !status.ok()) {
    return time ? MustBe(flag, "a time such as 2025-01-31T12:00:00Z, or a date") : status;
  }
  if (!field.is_repeated()) message.GetReflection()->ClearField(&message, &field);
  message.MergeFrom(*around);
  return absl::OkStatus();
}

absl::Status PutScalar(Message& message, const FieldDescriptor& field, const std::string& text,
                       const std::string& flag) {
  using google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return PutInteger<std::int32_t>(message, field, text, flag, &Reflection::SetInt32,
                                      &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return PutInteger<std::int64_t>(message, field, text, flag, &Reflection::SetInt64,
                                      &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return PutInteger<std::uint32_t>(message, field, text, flag, &Reflection::SetUInt32,
                                       &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return PutInteger<std::uint64_t>(message, field, text, flag, &Reflection::SetUInt64,
                                       &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) return MustBe(flag, "a number");
      return Put(message, field, value, &Reflection::SetDouble, &Reflection::AddDouble);
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      float value = 0;
      if (!absl::SimpleAtof(text, &value)) return MustBe(flag, "a number");
      return Put(message, field, value, &Reflection::SetFloat, &Reflection::AddFloat);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return PutBool(message, field, text, flag);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutEnum(message, field, text, flag);
    default:
      return PutText(message, field, text, flag);
  }
}

}  // namespace

absl::Status SetField(const FieldPath& path, const std::string& text, const std::string& flag,
                      Message& request) {
  Message* message = &request;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path[i]);
  }
  const FieldDescriptor& field = *path.back();
  const bool whole_list = field.is_repeated() && text.starts_with("[");
  if (field.message_type() != nullptr || whole_list) return PutJson(*message, field, text, flag);
  return PutScalar(*message, field, text, flag);
}

}  // namespace tenantry::cli
