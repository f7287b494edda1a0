#include "server/schema/literals.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "server/base/ids.h"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/base/values.h"
#include "server/schema/naming.h"
#include "server/schema/rules.h"

namespace tenantry::schema {
namespace {

using Result = absl::StatusOr<std::string>;

absl::Status Wrong(absl::string_view literal, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("default_value `", literal, "` ", what));
}

std::string Cast(const Column& column, absl::string_view text) {
  return absl::StrCat(QuoteLiteral(text), "::", column.sql_type);
}

// The value, unless it breaks a rule of the column.
Result Ruled(const Column& column, const std::string& literal, const RuleValue& value) {
  if (const std::string broken = BrokenRule(column, value); !broken.empty()) {
    return Wrong(literal, broken);
  }
  return Cast(column, literal);
}

// Objects and lists within each other.
int DepthOf(const google::protobuf::Struct& object);
int DepthOf(const google::protobuf::Value& value) {
  if (value.has_struct_value()) return DepthOf(value.struct_value());
  if (!value.has_list_value()) return 0;
  int deepest = 0;
  for (const auto& element : value.list_value().values()) {
    deepest = std::max(deepest, DepthOf(element));
  }
  return deepest + 1;
}
int DepthOf(const google::protobuf::Struct& object) {
  int deepest = 0;
  for (const auto& [name, value] : object.fields()) deepest = std::max(deepest, DepthOf(value));
  return deepest + 1;
}

}  // namespace

Result BoolDefault(const Column&, const std::string& literal) {
  if (literal != "true" && literal != "false") return Wrong(literal, "is not true or false");
  return literal;
}

Result TextDefault(const Column& column, const std::string& literal) {
  if (HasNul(literal)) return Wrong("", "holds a NUL character");
  return Ruled(column, literal, std::string_view(literal));
}

Result UuidDefault(const Column& column, const std::string& literal) {
  std::uint8_t bytes[16];
  if (!ParseUuid(literal, bytes)) return Wrong(literal, "is not a UUID");
  return Cast(column, literal);
}

Result UlidDefault(const Column& column, const std::string& literal) {
  if (!IsValidUlid(literal)) return Wrong(literal, "is not a ULID");
  return Cast(column, absl::AsciiStrToUpper(literal));
}

Result DateDefault(const Column& column, const std::string& literal) {
  const std::optional<absl::CivilDay> day = ParseDate(literal);
  if (!day) return Wrong(literal, "is not a date (YYYY-MM-DD)");
  return Ruled(column, literal, *day);
}

Result IntegerDefault(const Column& column, const std::string& literal) {
  std::int64_t value;
  if (!absl::SimpleAtoi(literal, &value) || absl::StrCat(value) != literal) {
    return Wrong(literal, "is not an integer");
  }
  bool narrow = column.type == Type::kInt32;
  if (narrow && value != static_cast<std::int32_t>(value)) {
    return Wrong(literal, "does not fit 32 bits");
  }
  Result ruled = Ruled(column, literal, value);
  return ruled.ok() && value >= 0 ? literal : ruled;
}

Result FloatDefault(const Column& column, const std::string& literal) {
  double value;
  if (!absl::SimpleAtod(literal, &value) || !std::isfinite(value) ||
      (column.type == Type::kFloat && std::abs(value) > std::numeric_limits<float>::max())) {
    return Wrong(literal, "is not a number of this type");
  }
  return Ruled(column, literal, value);
}

Result NumericDefault(const Column& column, const std::string& literal) {
  const std::optional<Decimal> decimal = ParseDecimal(literal);
  if (!decimal) return Wrong(literal, "is not a decimal number");
  return Ruled(column, literal, *decimal);
}

Result BytesDefault(const Column& column, const std::string& literal) {
  return Cast(column, absl::StrCat("\\x", absl::BytesToHexString(literal)));
}

Result TimestampDefault(const Column& column, const std::string& literal) {
  if (literal == "now()") return literal;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, literal, &time, &error) ||
      absl::StartsWith(literal, "infinite")) {
    return Wrong(literal, "is neither a time as in RFC 3339 nor now()");
  }
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  const std::int64_t nanos = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
  return Ruled(column, literal, TimeValue{seconds, static_cast<std::int32_t>(nanos)});
}

Result JsonDefault(const Column& column, const std::string& literal) {
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage(literal, &object).ok()) {
    return Wrong(literal, "is not a JSON object");
  }
  const Rule depth{RuleKind::kJsonDepth, limits::kJsonDepthMax};
  if (DepthOf(object) > depth.limit) return Wrong(literal, DescribeRule(depth));
  return Cast(column, literal);
}

Result EnumDefault(const Column& column, const std::string& literal) {
  for (const EnumType::Value& value : column.enum_type->values) {
    if (value.name == literal) return Cast(column, value.label);
  }
  return Wrong(literal, absl::StrCat("is no value of ", column.enum_type->descriptor->full_name(),
                                     " that can be stored"));
}

}  // namespace tenantry::schema
