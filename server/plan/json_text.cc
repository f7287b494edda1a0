#include "server/plan/json_text.h"

#include <cmath>

#include "google/protobuf/struct.pb.h"
#include "nlohmann/json.hpp"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/schema/rules.h"

namespace tenantry::plan {
namespace {

using Json = nlohmann::json;

// Doubles that are whole and exactly representable are written as integers, as protobuf's own JSON
// mapping does: 3, not 3.0.
Json NumberToJson(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) == number && std::fabs(number) <= kExact) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

// Walks a Struct, and ends at the first thing that jsonb or the rules of the column refuse.
class JsonMaker {
 public:
  explicit JsonMaker(int depth_max) : depth_max_(depth_max) {}

  absl::StatusOr<Json> Object(const google::protobuf::Struct& object) {
    if (++depth_ > depth_max_) return TooDeep();
    Json json = Json::object();
    for (const auto& [name, value] : object.fields()) {
      if (HasNul(name)) {
        return absl::InvalidArgumentError("must not contain NUL (U+0000) in a name");
      }
      absl::StatusOr<Json> member = Any(value);
      if (!member.ok()) return member;
      json[name] = *std::move(member);
    }
    --depth_;
    return json;
  }

  absl::StatusOr<Json> Any(const google::protobuf::Value& value) {
    switch (value.kind_case()) {
      case google::protobuf::Value::kNullValue:
        return Json(nullptr);
      case google::protobuf::Value::kBoolValue:
        return Json(value.bool_value());
      case google::protobuf::Value::kNumberValue:
        if (!std::isfinite(value.number_value())) {
          return absl::InvalidArgumentError(schema::DescribeRule({schema::RuleKind::kJsonNumbers}));
        }
        return NumberToJson(value.number_value());
      case google::protobuf::Value::kStringValue:
        if (HasNul(value.string_value())) {
          return absl::InvalidArgumentError("must not contain NUL (U+0000) in a string");
        }
        return Json(value.string_value());
      case google::protobuf::Value::kStructValue:
        return Object(value.struct_value());
      case google::protobuf::Value::kListValue:
        return List(value.list_value());
      case google::protobuf::Value::KIND_NOT_SET:
        break;
    }
    return absl::InvalidArgumentError("must not contain a value of no kind");
  }

 private:
  absl::StatusOr<Json> List(const google::protobuf::ListValue& values) {
    if (++depth_ > depth_max_) return TooDeep();
    Json list = Json::array();
    for (const auto& element : values.values()) {
      absl::StatusOr<Json> json = Any(element);
      if (!json.ok()) return json;
      list.push_back(*std::move(json));
    }
    --depth_;
    return list;
  }

  absl::Status TooDeep() const {
    return absl::InvalidArgumentError(
        schema::DescribeRule({schema::RuleKind::kJsonDepth, depth_max_}));
  }

  const int depth_max_;
  int depth_ = 0;
};

// The request is a dynamic message. Its bytes are parsed into the generated class.
template <typename Generated>
bool Read(const google::protobuf::Message& message, Generated& out) {
  return out.ParsePartialFromString(message.SerializePartialAsString());
}

absl::StatusOr<std::string> Text(const absl::StatusOr<Json>& json) {
  if (!json.ok()) return json.status();
  return json->dump();
}

}  // namespace

absl::StatusOr<std::string> StructToJson(const google::protobuf::Message& message) {
  google::protobuf::Struct object;
  if (!Read(message, object)) return absl::InvalidArgumentError("must be a JSON object");
  return Text(JsonMaker(limits::kJsonDepthMax).Object(object));
}

absl::StatusOr<std::string> ValueToJson(const google::protobuf::Message& message) {
  google::protobuf::Value value;
  if (!Read(message, value)) return absl::InvalidArgumentError("must be a JSON value");
  return Text(JsonMaker(limits::kJsonDepthMax).Any(value));
}

}  // namespace tenantry::plan
