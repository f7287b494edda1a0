// Rules that a schema declares by themselves, made from its literals.

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/schema/columns.h"
#include "server/schema/formats.h"
#include "server/schema/naming.h"
#include "server/schema/rules.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

absl::StatusOr<RuleLiteral> ParseRuleLiteral(const Column& column, const std::string& text) {
  RuleLiteral literal{std::make_shared<const std::string>(text), {}, text};
  const std::optional<Decimal> decimal = ParseDecimal(*literal.text);
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("`", text, "` ", what));
  };
  switch (column.type) {
    case Type::kInt32:
    case Type::kInt64: {
      std::int64_t number;
      const bool fits =
          absl::SimpleAtoi(text, &number) && absl::StrCat(number) == text &&
          (column.type == Type::kInt64 || number == static_cast<std::int32_t>(number));
      if (!fits) return wrong("is no integer of this type");
      literal.value = number;
      return literal;
    }
    case Type::kFloat:
    case Type::kDouble: {
      double number;
      if (!decimal || !absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
        return wrong("is no number in decimal notation");
      }
      literal.value = number;
      return literal;
    }
    case Type::kNumeric:
      if (!decimal || decimal->whole.size() > limits::kDecimalDigitsMax ||
          decimal->fraction.size() > limits::kDecimalDigitsMax) {
        return wrong("is no decimal number");
      }
      literal.value = *decimal;
      return literal;
    case Type::kDate: {
      const std::optional<absl::CivilDay> day = ParseDate(text);
      if (!day || day->year() < 1) return wrong("is not a date (YYYY-MM-DD)");
      literal.value = *day;
      literal.sql = QuoteLiteral(text);
      return literal;
    }
    case Type::kTimestamp: {
      absl::Time time;
      std::string error;
      if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
          absl::StartsWith(text, "infinite")) {
        return wrong("is no time as in RFC 3339");
      }
      const std::int64_t seconds = absl::ToUnixSeconds(time);
      const std::int64_t nanos = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
      if (nanos % 1000 != 0 || seconds < kTimeSecondsMin || seconds > kTimeSecondsMax) {
        return wrong("is no time that PostgreSQL and protobuf hold: microseconds, years 1 to 9999");
      }
      literal.value = TimeValue{seconds, static_cast<std::int32_t>(nanos)};
      literal.sql = absl::FormatTime("'%E4Y-%m-%d %H:%M:%E*S+00'", time, absl::UTCTimeZone());
      return literal;
    }
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("applies to numbers, dates and times, not to ", DescribeType(column)));
  }
}

absl::StatusOr<Rule> MakeBound(const Column& column, RuleKind kind, const std::string& literal) {
  if (column.array) return absl::InvalidArgumentError("does not apply to repeated fields");
  absl::StatusOr<RuleLiteral> bound = ParseRuleLiteral(column, literal);
  if (!bound.ok()) return bound.status();
  RuleDetail detail;
  detail.bound = *std::move(bound);
  return Rule{kind, 0, std::make_shared<const RuleDetail>(std::move(detail))};
}

absl::StatusOr<Rule> MakePattern(const Column& column, const std::string& pattern) {
  if (column.type != Type::kText) {
    return absl::InvalidArgumentError(
        absl::StrCat("applies to text, not to ", DescribeType(column)));
  }
  auto compiled = Pattern::Compile(pattern);
  if (!compiled.ok()) return compiled.status();
  RuleDetail detail;
  detail.pattern = *std::move(compiled);
  return Rule{RuleKind::kPattern, 0, std::make_shared<const RuleDetail>(std::move(detail))};
}

absl::StatusOr<std::vector<Rule>> MakeFormat(const Column& column, v1::Format format) {
  if (column.type != Type::kText) {
    return absl::InvalidArgumentError(
        absl::StrCat("applies to text, not to ", DescribeType(column)));
  }
  const TextFormat* known = FindTextFormat(format);
  if (known == nullptr) {
    return absl::InvalidArgumentError("is a type or unknown: what has a type says it by `type`");
  }
  RuleDetail detail;
  detail.pattern = known->pattern;
  detail.words = std::string(known->words);
  std::vector<Rule> rules = {
      {RuleKind::kFormat, format, std::make_shared<const RuleDetail>(std::move(detail))}};
  const bool is_short = column.length_max > 0 && column.length_max <= known->characters_max;
  if (known->characters_max > 0 && !is_short) {
    rules.push_back({RuleKind::kFormatCharacters, known->characters_max, nullptr});
  }
  return rules;
}

absl::StatusOr<Rule> MakeOneOf(const Column& column, std::vector<std::string> values) {
  RuleDetail detail;
  const bool integer = column.type == Type::kInt32 || column.type == Type::kInt64;
  if (column.type != Type::kText && (!integer || column.array)) {
    return absl::InvalidArgumentError(
        absl::StrCat("applies to text and to single integers, not to ", DescribeType(column)));
  }
  for (const std::string& value : values) {
    if (std::count(values.begin(), values.end(), value) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("has `", value, "` twice"));
    }
    if (HasNul(value)) return absl::InvalidArgumentError("has a NUL character");
    if (!integer) continue;
    absl::StatusOr<RuleLiteral> literal = ParseRuleLiteral(column, value);
    if (!literal.ok()) return literal.status();
    detail.numbers.push_back(std::get<std::int64_t>(literal->value));
  }
  detail.values = std::move(values);
  return Rule{RuleKind::kOneOf, 0, std::make_shared<const RuleDetail>(std::move(detail))};
}

}  // namespace tenantry::schema
