#include "server/plan/json_text.h"

#include <cmath>

#include "google/protobuf/struct.pb.h"
#include "nlohmann/json.hpp"

namespace tenantry::plan {
namespace {

using Json = nlohmann::json;

bool HasNul(const std::string& text) { return text.find('\0') != std::string::npos; }

// Doubles that are whole and exactly representable are written as integers, as protobuf's own JSON
// mapping does: 3, not 3.0.
Json NumberToJson(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) == number && std::fabs(number) <= kExact) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

absl::StatusOr<Json> ToJson(const google::protobuf::Struct& object);

absl::StatusOr<Json> ToJson(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kNullValue:
      return Json(nullptr);
    case google::protobuf::Value::kBoolValue:
      return Json(value.bool_value());
    case google::protobuf::Value::kNumberValue:
      if (!std::isfinite(value.number_value())) {
        return absl::InvalidArgumentError("must not contain NaN or infinity");
      }
      return NumberToJson(value.number_value());
    case google::protobuf::Value::kStringValue:
      if (HasNul(value.string_value())) {
        return absl::InvalidArgumentError("must not contain NUL (U+0000) in a string");
      }
      return Json(value.string_value());
    case google::protobuf::Value::kStructValue:
      return ToJson(value.struct_value());
    case google::protobuf::Value::kListValue: {
      Json list = Json::array();
      for (const auto& element : value.list_value().values()) {
        absl::StatusOr<Json> json = ToJson(element);
        if (!json.ok()) return json;
        list.push_back(*std::move(json));
      }
      return list;
    }
    case google::protobuf::Value::KIND_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("must not contain a value of no kind");
}

absl::StatusOr<Json> ToJson(const google::protobuf::Struct& object) {
  Json json = Json::object();
  for (const auto& [name, value] : object.fields()) {
    if (HasNul(name)) return absl::InvalidArgumentError("must not contain NUL (U+0000) in a name");
    absl::StatusOr<Json> member = ToJson(value);
    if (!member.ok()) return member;
    json[name] = *std::move(member);
  }
  return json;
}

}  // namespace

absl::StatusOr<std::string> StructToJson(const google::protobuf::Message& message) {
  // The request is a dynamic message; its Struct is read through the generated class by way of
  // bytes.
  google::protobuf::Struct object;
  if (!object.ParsePartialFromString(message.SerializePartialAsString())) {
    return absl::InvalidArgumentError("must be a JSON object");
  }
  absl::StatusOr<Json> json = ToJson(object);
  if (!json.ok()) return json.status();
  return json->dump();
}

}  // namespace tenantry::plan
