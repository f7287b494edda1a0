#include "server/plan/validate.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/ids.h"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/base/values.h"
#include "server/plan/json_text.h"
#include "server/schema/rules.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Form;
using schema::Type;

enum class Use { kWritten, kCompared };

std::string CheckUuid(std::string_view text) {
  std::uint8_t bytes[16];
  return ParseUuid(text, bytes) ? "" : "must be a UUID";
}

std::string CheckUlid(std::string_view text) {
  // The rule is not asked, because it is about the capitals that are stored, and requests may use
  // both cases.
  return IsValidUlid(text) ? "" : schema::DescribeRule({schema::RuleKind::kUlid});
}

// A value that is only compared keeps what its type says. Beyond the column's own bounds it is a
// value like others.
std::string CheckRules(const Column& column, schema::RuleKind of_type,
                       const schema::RuleValue& value, Use use) {
  if (use == Use::kWritten) return schema::BrokenRule(column, value);
  const schema::Rule rule{of_type};
  return schema::KeepsRule(rule, value) ? "" : schema::DescribeRule(rule);
}

std::string CheckDate(const Column& column, std::string_view text, Use use) {
  const std::optional<absl::CivilDay> day = ParseDate(text);
  if (!day) return "must be a date that exists, written YYYY-MM-DD";
  return CheckRules(column, schema::RuleKind::kDate, *day, use);
}

std::string CheckDecimal(const Column& column, std::string_view text, Use use) {
  const std::optional<Decimal> decimal = ParseDecimal(text);
  if (!decimal) return "must be a decimal number such as 12.50";
  if (use == Use::kWritten) return schema::BrokenRule(column, *decimal);
  // A number that the column cannot hold matches nothing. One that PostgreSQL cannot parse is an
  // error.
  if (decimal->whole.size() > limits::kDecimalDigitsMax ||
      decimal->fraction.size() > limits::kDecimalDigitsMax) {
    return absl::StrCat("must have at most ", limits::kDecimalDigitsMax,
                        " digits before the point and after it");
  }
  return "";
}

std::string CheckEnum(const Column& column, int number) {
  if (column.enum_type->FindNumber(number) != nullptr) return "";
  if (number == 0) return "must be a value other than the unspecified one";
  return absl::StrCat("must be a value of ", column.enum_type->api->full_name(), ", not ", number);
}

std::string CheckTimestamp(const Column& column, const google::protobuf::Message& message,
                           Use use) {
  const TimestampParts time = TimestampOf(message);
  if (time.nanos < 0 || time.nanos > 999999999) return "must have nanos between 0 and 999999999";
  return CheckRules(column, schema::RuleKind::kTime, schema::TimeValue{time.seconds, time.nanos},
                    use);
}

std::string CheckJson(const google::protobuf::Message& message, JsonTexts* json) {
  const bool any = message.GetDescriptor()->well_known_type() ==
                   google::protobuf::Descriptor::WELLKNOWNTYPE_VALUE;
  absl::StatusOr<std::string> text = any ? ValueToJson(message) : StructToJson(message);
  if (!text.ok()) return std::string(text.status().message());
  if (json != nullptr) json->emplace(&message, *std::move(text));
  return "";
}

std::string CheckString(const Column& column, const std::string& text, Use use) {
  if (!IsValidUtf8(text)) return "must be valid UTF-8";
  if (HasNul(text)) return "must not contain NUL (U+0000)";
  switch (column.type) {
    case Type::kUuid:
      return CheckUuid(text);
    case Type::kUlid:
      return CheckUlid(text);
    case Type::kDate:
      return CheckDate(column, text, use);
    case Type::kNumeric:
      return CheckDecimal(column, text, use);
    default:
      return use == Use::kWritten ? schema::BrokenRule(column, std::string_view(text)) : "";
  }
}

std::string CheckScalar(const Column& column, const Value& value, Use use, JsonTexts* json) {
  std::string scratch;
  const bool written = use == Use::kWritten;
  switch (schema::InfoOf(column.type).form) {
    case Form::kBool:
    case Form::kBytes:
      return "";
    case Form::kInteger:
      return written ? schema::BrokenRule(column, value.as_int()) : "";
    case Form::kReal:
      if (written) return schema::BrokenRule(column, value.as_double());
      return std::isnan(value.as_double()) ? "must not be NaN" : "";
    case Form::kTimestamp:
      return CheckTimestamp(column, value.as_message(), use);
    case Form::kEnum:
      return CheckEnum(column, value.as_enum());
    case Form::kStruct:
      return CheckJson(value.as_message(), json);
    case Form::kString:
      return CheckString(column, value.as_string(scratch), use);
  }
  return "";
}

void CheckElements(const Column& column, const Value& repeated, const Path& path,
                   Violations& violations, Use use, JsonTexts* json) {
  for (int i = 0, n = repeated.size(); i < n && !violations.full(); ++i) {
    std::string error = CheckScalar(column, {repeated.message, repeated.field, i}, use, json);
    if (!error.empty()) violations.Add(Path(path, "", i), std::move(error));
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
  std::string error = schema::BrokenSize(column, value.size());
  if (!error.empty()) violations.Add(path, std::move(error));
  CheckElements(column, value, path, violations, Use::kWritten, &json);
}

void CheckCompared(const Column& column, const Value& value, const Path& path,
                   Violations& violations, JsonTexts* json) {
  if (value.field->is_repeated() && value.index < 0) {
    return CheckElements(column, value, path, violations, Use::kCompared, json);
  }
  std::string error = CheckScalar(column, value, Use::kCompared, json);
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
