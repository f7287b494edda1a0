#include "server/schema/literals.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

using Result = absl::StatusOr<std::string>;

absl::Status Wrong(absl::string_view literal, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("default_value `", literal, "` ", what));
}

std::string Cast(const Column& column, absl::string_view text) {
  return absl::StrCat(QuoteLiteral(text), "::", column.sql_type);
}

// Characters, not bytes.
std::int64_t CountCodePoints(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

Result TextDefault(const Column& column, const std::string& literal) {
  if (absl::StrContains(literal, '\0')) return Wrong("", "holds a NUL character");
  std::int64_t length = CountCodePoints(literal);
  if (column.length_max > 0 && length > column.length_max) {
    return Wrong(literal, "is longer than max_length");
  }
  if (length < column.length_min) return Wrong(literal, "is shorter than min_length");
  return Cast(column, literal);
}

// 8-4-4-4-12 hexadecimal digits.
bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

// 26 characters of Crockford's base 32 that fit 128 bits.
bool IsUlid(absl::string_view text) {
  return text.size() == 26 && text[0] <= '7' && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::StrContains("0123456789ABCDEFGHJKMNPQRSTVWXYZ", c);
         });
}

bool IsDate(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
}

absl::Status CheckBounds(const Column& column, const std::string& literal, double value) {
  if (column.minimum && value < static_cast<double>(*column.minimum)) {
    return Wrong(literal, "is below minimum");
  }
  if (column.maximum && value > static_cast<double>(*column.maximum)) {
    return Wrong(literal, "is above maximum");
  }
  return absl::OkStatus();
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
  if (auto status = CheckBounds(column, literal, static_cast<double>(value)); !status.ok()) {
    return status;
  }
  return value < 0 ? Cast(column, literal) : literal;
}

Result FloatDefault(const Column& column, const std::string& literal) {
  double value;
  if (!absl::SimpleAtod(literal, &value) || !std::isfinite(value) ||
      (column.type == Type::kFloat && std::abs(value) > std::numeric_limits<float>::max())) {
    return Wrong(literal, "is not a number of this type");
  }
  if (auto status = CheckBounds(column, literal, value); !status.ok()) return status;
  return Cast(column, literal);
}

Result NumericDefault(const Column& column, const std::string& literal) {
  absl::string_view digits = absl::StripPrefix(literal, "-");
  std::size_t dot = std::min(digits.find('.'), digits.size());
  absl::string_view whole = digits.substr(0, dot);
  absl::string_view fraction = dot < digits.size() ? digits.substr(dot + 1) : "";
  auto all_digits = [](absl::string_view s) {
    return std::all_of(s.begin(), s.end(), absl::ascii_isdigit);
  };
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction) ||
      (dot < digits.size() && fraction.empty())) {
    return Wrong(literal, "is not a decimal number");
  }
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  if (column.precision > 0 && (static_cast<int>(fraction.size()) > column.scale ||
                               static_cast<int>(whole.size()) > column.precision - column.scale)) {
    return Wrong(literal, absl::StrCat("does not fit ", column.sql_type));
  }
  double value = 0;
  if (!absl::SimpleAtod(literal, &value)) return Wrong(literal, "is not a decimal number");
  if (auto status = CheckBounds(column, literal, value); !status.ok()) return status;
  return Cast(column, literal);
}

Result TimestampDefault(const Column& column, const std::string& literal) {
  if (literal == "now()") return literal;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, literal, &time, &error) ||
      absl::StartsWith(literal, "infinite")) {
    return Wrong(literal, "is neither a time as in RFC 3339 nor now()");
  }
  return Cast(column, literal);
}

Result JsonDefault(const Column& column, const std::string& literal) {
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage(literal, &object).ok()) {
    return Wrong(literal, "is not a JSON object");
  }
  return Cast(column, literal);
}

Result EnumDefault(const Column& column, const std::string& literal) {
  for (const EnumType::Value& value : column.enum_type->values) {
    if (value.name == literal) return Cast(column, value.label);
  }
  return Wrong(literal, absl::StrCat("is no value of ", column.enum_type->descriptor->full_name(),
                                     " that can be stored"));
}

Result Shaped(const Column& column, const std::string& literal, bool ok, absl::string_view what) {
  if (!ok) return Wrong(literal, absl::StrCat("is not ", what));
  return Cast(column, literal);
}

}  // namespace

Result DefaultExpression(const Column& column, const std::string& literal) {
  switch (column.type) {
    case Type::kBool:
      if (literal != "true" && literal != "false") return Wrong(literal, "is not true or false");
      return literal;
    case Type::kInt32:
    case Type::kInt64:
      return IntegerDefault(column, literal);
    case Type::kFloat:
    case Type::kDouble:
      return FloatDefault(column, literal);
    case Type::kText:
      return TextDefault(column, literal);
    case Type::kUuid:
      return Shaped(column, literal, IsUuid(literal), "a UUID");
    case Type::kUlid:
      return Shaped(column, literal, IsUlid(literal), "a ULID");
    case Type::kNumeric:
      return NumericDefault(column, literal);
    case Type::kDate:
      return Shaped(column, literal, IsDate(literal), "a date (YYYY-MM-DD)");
    case Type::kBytes:
      return Cast(column, absl::StrCat("\\x", absl::BytesToHexString(literal)));
    case Type::kTimestamp:
      return TimestampDefault(column, literal);
    case Type::kJson:
      return JsonDefault(column, literal);
    case Type::kEnum:
      return EnumDefault(column, literal);
  }
  return Wrong(literal, "cannot be stored");
}

}  // namespace tenantry::schema
