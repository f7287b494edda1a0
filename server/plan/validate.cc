#include "server/plan/validate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/base/ids.h"
#include "server/base/utf8.h"
#include "server/plan/json_text.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Type;

constexpr std::int64_t kTimestampMin = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kTimestampMax = 253402300799;  // 9999-12-31T23:59:59Z
constexpr int kNumericDigitsMax = 1000;               // precision that numeric can declare

enum class Use { kWritten, kCompared };

std::string CheckText(const std::string& text) {
  if (!IsValidUtf8(text)) return "must be valid UTF-8";
  if (HasNul(text)) return "must not contain NUL (U+0000)";
  return "";
}

std::string CheckLength(const Column& column, const std::string& text) {
  // Bytes are never fewer than characters: the common case needs no counting.
  const bool maybe_long =
      column.length_max > 0 && text.size() > static_cast<std::size_t>(column.length_max);
  if (!maybe_long && column.length_min == 0) return "";
  const auto length = static_cast<std::int64_t>(Utf8Length(text));
  if (column.length_max > 0 && length > column.length_max) {
    return absl::StrCat("must have at most ", column.length_max, " characters, has ", length);
  }
  if (length < column.length_min) {
    return absl::StrCat("must have at least ", column.length_min, " characters, has ", length);
  }
  return "";
}

std::string CheckUuid(const std::string& text) {
  std::uint8_t bytes[16];
  return ParseUuid(text, bytes) ? "" : "must be a UUID";
}

std::string CheckUlid(const std::string& text) {
  return IsValidUlid(text) ? "" : "must be a ULID (26 characters of Crockford's base 32)";
}

std::string CheckDate(const std::string& text) {
  constexpr std::string_view kForm = "must be a date written YYYY-MM-DD";
  absl::CivilDay day;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::string(kForm);
  for (int i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::string(kForm);
  }
  // CivilDay would carry 2026-02-30 into March; parsing refuses it. There is no year 0 in Postgres.
  if (!absl::ParseCivilTime(text, &day) || day.year() < 1) return "must be a date that exists";
  return "";
}

// Digits before and after the point of a plain decimal; false when it is not one.
bool SplitDecimal(std::string_view text, std::string_view& whole, std::string_view& fraction) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  whole = text.substr(0, point);
  fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(),
                       [](unsigned char c) { return absl::ascii_isdigit(c); });
  };
  return digits(whole) && digits(fraction) && !(whole.empty() && fraction.empty());
}

std::string CheckNumeric(const Column& column, const std::string& text, Use use) {
  std::string_view whole, fraction;
  if (!SplitDecimal(text, whole, fraction)) return "must be a decimal number such as 12.50";
  while (!whole.empty() && whole.front() == '0') whole.remove_prefix(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (whole.size() + fraction.size() > kNumericDigitsMax) {
    return absl::StrCat("must have at most ", kNumericDigitsMax, " digits");
  }
  if (use == Use::kCompared || column.precision == 0) return "";
  // Postgres would round silently; we lose nothing.
  if (fraction.size() > static_cast<std::size_t>(column.scale)) {
    return absl::StrCat("must have at most ", column.scale, " digits after the point");
  }
  if (whole.size() > static_cast<std::size_t>(column.precision - column.scale)) {
    return absl::StrCat("must have at most ", column.precision - column.scale,
                        " digits before the point");
  }
  return "";
}

std::string CheckBounds(const Column& column, double number) {
  if (column.minimum && number < static_cast<double>(*column.minimum)) {
    return absl::StrCat("must be at least ", *column.minimum);
  }
  if (column.maximum && number > static_cast<double>(*column.maximum)) {
    return absl::StrCat("must be at most ", *column.maximum);
  }
  return "";
}

std::string CheckIntBounds(const Column& column, std::int64_t number) {
  if (column.minimum && number < *column.minimum) {
    return absl::StrCat("must be at least ", *column.minimum);
  }
  if (column.maximum && number > *column.maximum) {
    return absl::StrCat("must be at most ", *column.maximum);
  }
  return "";
}

std::string CheckEnum(const Column& column, int number) {
  if (column.enum_type->FindNumber(number) != nullptr) return "";
  if (number == 0) return "must be a value other than the unspecified one";
  return absl::StrCat("must be a value of ", column.enum_type->descriptor->full_name(), ", not ",
                      number);
}

std::string CheckTimestamp(const google::protobuf::Message& message) {
  const TimestampParts time = TimestampOf(message);
  if (time.seconds < kTimestampMin || time.seconds > kTimestampMax) {
    return "must lie between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z";
  }
  if (time.nanos < 0 || time.nanos > 999999999) return "must have nanos between 0 and 999999999";
  return "";
}

std::string CheckStringLike(const Column& column, const std::string& text, Use use) {
  std::string error = CheckText(text);
  if (!error.empty()) return error;
  switch (column.type) {
    case Type::kUuid:
      return CheckUuid(text);
    case Type::kUlid:
      return CheckUlid(text);
    case Type::kDate:
      return CheckDate(text);
    case Type::kNumeric:
      return CheckNumeric(column, text, use);
    default:
      return use == Use::kWritten ? CheckLength(column, text) : "";
  }
}

std::string CheckScalar(const Column& column, const Value& value, Use use, JsonTexts* json) {
  std::string scratch;
  const bool written = use == Use::kWritten;
  switch (column.type) {
    case Type::kBool:
      return "";
    case Type::kInt32:
    case Type::kInt64:
      return written ? CheckIntBounds(column, value.as_int()) : "";
    case Type::kFloat:
    case Type::kDouble:
      return written ? CheckBounds(column, value.as_double()) : "";
    case Type::kBytes:
      if (written && column.length_max > 0 &&
          value.as_string(scratch).size() > static_cast<std::size_t>(column.length_max)) {
        return absl::StrCat("must have at most ", column.length_max, " bytes");
      }
      return "";
    case Type::kTimestamp:
      return CheckTimestamp(value.as_message());
    case Type::kEnum:
      return CheckEnum(column, value.as_enum());
    case Type::kJson: {
      const google::protobuf::Message& message = value.as_message();
      absl::StatusOr<std::string> text = StructToJson(message);
      if (!text.ok()) return std::string(text.status().message());
      if (json != nullptr) json->emplace(&message, *std::move(text));
      return "";
    }
    default:
      return CheckStringLike(column, value.as_string(scratch), use);
  }
}

}  // namespace

std::string Path::ToString() const {
  std::string prefix = parent_ == nullptr ? "" : parent_->ToString();
  if (!prefix.empty() && !name_.empty()) prefix.push_back('.');
  prefix.append(name_);
  if (index_ >= 0) absl::StrAppend(&prefix, "[", index_, "]");
  return prefix;
}

void Violations::Add(const Path& path, std::string description) {
  if (!full()) found_.push_back({path.ToString(), std::move(description)});
}

absl::Status Violations::ToStatus() && { return InvalidArgument(std::move(found_)); }

void CheckWritten(const Column& column, const Value& value, const Path& path,
                  Violations& violations, JsonTexts& json) {
  if (!column.array) {
    std::string error = CheckScalar(column, value, Use::kWritten, &json);
    if (!error.empty()) violations.Add(path, std::move(error));
    return;
  }
  for (int i = 0, n = value.size(); i < n && !violations.full(); ++i) {
    Value element{value.message, value.field, i};
    std::string error = CheckScalar(column, element, Use::kWritten, &json);
    if (!error.empty()) violations.Add(Path(path, "", i), std::move(error));
  }
}

void CheckCompared(const Column& column, const Value& value, const Path& path,
                   Violations& violations) {
  std::string error = CheckScalar(column, value, Use::kCompared, nullptr);
  if (!error.empty()) violations.Add(path, std::move(error));
}

void CheckEnumKnown(const Value& value, const Path& path, Violations& violations) {
  const int number = value.as_enum();
  if (value.field->enum_type()->FindValueByNumber(number) == nullptr) {
    violations.Add(path, absl::StrCat("must be a value of ", value.field->enum_type()->full_name(),
                                      ", not ", number));
  }
}

}  // namespace tenantry::plan
