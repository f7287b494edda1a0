#include "server/schema/rules.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/ids.h"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/schema/schema.h"

namespace tenantry::schema {
namespace {

// The words and conditions of a rule, with `$c` for the column and `$n` for the limit.
struct Wording {
  RuleKind kind;
  const char* words;
  const char* sql;   // condition on a single value; empty when the type keeps the rule
  const char* each;  // condition on an array, that all its elements meet
};

// Two conditions need an explanation. The elements of an array of text cannot stand on the left of
// `~`, so they are joined. Their lengths tell that no blank of an element was taken for a
// separator. And `^` binds less than the minus of a constant.
constexpr std::array<Wording, 16> kWordings = {{
    {RuleKind::kAtLeast, "must be at least $n", "$c >= $n", ""},
    {RuleKind::kAtMost, "must be at most $n", "$c <= $n", ""},
    // PostgreSQL takes NaN for more than infinity.
    {RuleKind::kFinite, "must be a finite number", "$c > '-Infinity' AND $c < 'Infinity'",
     "'-Infinity' < ALL ($c) AND 'Infinity' > ALL ($c)"},
    {RuleKind::kCharactersMin, "must have at least $n characters", "char_length($c) >= $n", ""},
    {RuleKind::kCharactersMax, "must have at most $n characters", "", ""},
    {RuleKind::kUlid, "must be a ULID (26 characters of Crockford's base 32)",
     "$c ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'",
     "array_to_string($c, ' ') ~ '^([0-7][0-9A-HJKMNP-TV-Z]{25}( |$))*$' AND "
     "char_length(array_to_string($c, '')) = 26 * cardinality($c)"},
    {RuleKind::kDigitsBefore, "must have at most $n digits before the point",
     "abs($c) < 10::numeric ^ $n",
     "-(10::numeric ^ $n) < ALL ($c) AND 10::numeric ^ $n > ALL ($c)"},
    {RuleKind::kDigitsAfter, "must have at most $n digits after the point", "scale($c) <= $n",
     "array_to_string($c, ' ') !~ '\\.(\\d{250}){4}\\d'"},
    {RuleKind::kPrecision, "must have at most $n digits before the point", "", ""},
    {RuleKind::kScale, "must have at most $n digits after the point", "", ""},
    {RuleKind::kDate, "must be a date from 0001-01-01 to 9999-12-31",
     "$c >= '0001-01-01' AND $c <= '9999-12-31'",
     "'0001-01-01' <= ALL ($c) AND '9999-12-31' >= ALL ($c)"},
    {RuleKind::kTime, "must lie between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z",
     "$c >= '0001-01-01 00:00:00+00' AND $c < '10000-01-01 00:00:00+00'",
     "'0001-01-01 00:00:00+00' <= ALL ($c) AND '10000-01-01 00:00:00+00' > ALL ($c)"},
    {RuleKind::kJsonObject, "must be a JSON object", "jsonb_typeof($c) = 'object'", ""},
    {RuleKind::kJsonNumbers, "must not contain NaN or infinity",
     "NOT jsonb_path_exists($c, 'strict $.** ? (@ > 1.7976931348623158e308 || "
     "@ < -1.7976931348623158e308)')",
     ""},
    {RuleKind::kJsonDepth, "must have at most $n objects and lists within each other",
     "NOT jsonb_path_exists($c, 'strict $.**{$n to last} ? (@.type() == \"object\" || "
     "@.type() == \"array\")')",
     ""},
    {RuleKind::kFlatArray, "must be a list of values",
     "array_ndims($c) = 1 AND array_position($c, NULL) IS NULL",
     "array_ndims($c) = 1 AND array_position($c, NULL) IS NULL"},
}};

constexpr int kDigitsAfterOfArrays = 1000;  // as the pattern above counts them
static_assert(limits::kDecimalDigitsMax == kDigitsAfterOfArrays);

const Wording& WordingOf(RuleKind kind) {
  for (const Wording& wording : kWordings) {
    if (wording.kind == kind) return wording;
  }
  return kWordings.back();
}

std::string Fill(const char* text, std::string_view column, std::int64_t limit) {
  return absl::StrReplaceAll(
      text, {{"$c", absl::string_view(column.data(), column.size())}, {"$n", absl::StrCat(limit)}});
}

// Whether a value keeps a rule. Each kind of value looks at the rules that it can have.
class Keeps {
 public:
  explicit Keeps(const Rule& rule) : rule_(rule) {}

  bool operator()(std::int64_t value) const {
    switch (rule_.kind) {
      case RuleKind::kAtLeast:
        return value >= rule_.limit;
      case RuleKind::kAtMost:
        return value <= rule_.limit;
      default:
        return true;
    }
  }

  // A limit that no double holds is rounded, as PostgreSQL does when it compares the two.
  bool operator()(double value) const {
    switch (rule_.kind) {
      case RuleKind::kAtLeast:
        return value >= static_cast<double>(rule_.limit);
      case RuleKind::kAtMost:
        return value <= static_cast<double>(rule_.limit);
      case RuleKind::kFinite:
        return std::isfinite(value);
      default:
        return true;
    }
  }

  bool operator()(const Decimal& value) const {
    const auto limit = static_cast<std::size_t>(rule_.limit);
    switch (rule_.kind) {
      case RuleKind::kAtLeast:
        return Compare(value, rule_.limit) >= 0;
      case RuleKind::kAtMost:
        return Compare(value, rule_.limit) <= 0;
      case RuleKind::kDigitsBefore:
      case RuleKind::kPrecision:
        return value.whole.size() <= limit;
      case RuleKind::kDigitsAfter:
        return value.fraction.size() <= limit;
      case RuleKind::kScale:
        // PostgreSQL would round without a word; zeros are all that may go.
        return value.significant_fraction().size() <= limit;
      default:
        return true;
    }
  }

  bool operator()(std::string_view value) const {
    const auto limit = static_cast<std::size_t>(rule_.limit);
    switch (rule_.kind) {
      case RuleKind::kCharactersMin:
        return value.size() >= limit && Utf8Length(value) >= limit;
      case RuleKind::kCharactersMax:
        // Characters are never more than bytes: the common case needs no counting.
        return value.size() <= limit || Utf8Length(value) <= limit;
      case RuleKind::kUlid:
        return IsValidUlid(value);
      default:
        return true;
    }
  }

  bool operator()(absl::CivilDay value) const {
    return rule_.kind != RuleKind::kDate || (value.year() >= 1 && value.year() <= 9999);
  }

  bool operator()(TimeValue value) const {
    return rule_.kind != RuleKind::kTime ||
           (value.seconds >= kTimeSecondsMin && value.seconds <= kTimeSecondsMax);
  }

 private:
  const Rule& rule_;
};

}  // namespace

void AddFloatRules(const Column& column, std::vector<Rule>& rules) {
  const bool bounded = column.minimum.has_value() || column.maximum.has_value();
  if (bounded) rules.push_back({RuleKind::kFinite});
}

void AddTextRules(const Column& column, std::vector<Rule>& rules) {
  if (column.length_min > 0) rules.push_back({RuleKind::kCharactersMin, column.length_min});
  if (column.length_max > 0) rules.push_back({RuleKind::kCharactersMax, column.length_max});
}

void AddUlidRules(const Column&, std::vector<Rule>& rules) { rules.push_back({RuleKind::kUlid}); }

void AddNumericRules(const Column& column, std::vector<Rule>& rules) {
  rules.push_back({RuleKind::kFinite});
  if (column.precision > 0) {
    rules.push_back({RuleKind::kScale, column.scale});
    rules.push_back({RuleKind::kPrecision, column.precision - column.scale});
  } else {
    rules.push_back({RuleKind::kDigitsBefore, limits::kDecimalDigitsMax});
    rules.push_back({RuleKind::kDigitsAfter, limits::kDecimalDigitsMax});
  }
}

void AddDateRules(const Column&, std::vector<Rule>& rules) { rules.push_back({RuleKind::kDate}); }

void AddTimestampRules(const Column&, std::vector<Rule>& rules) {
  rules.push_back({RuleKind::kTime});
}

void AddJsonRules(const Column&, std::vector<Rule>& rules) {
  rules.push_back({RuleKind::kJsonObject});
  rules.push_back({RuleKind::kJsonNumbers});
  rules.push_back({RuleKind::kJsonDepth, limits::kJsonDepthMax});
}

std::vector<Rule> RulesOf(const Column& column) {
  std::vector<Rule> rules;
  // This rule comes first, because values of two dimensions also meet the conditions on elements.
  if (column.array) rules.push_back({RuleKind::kFlatArray});
  if (const auto add = InfoOf(column.type).add_rules) add(column, rules);
  if (column.minimum) rules.push_back({RuleKind::kAtLeast, *column.minimum});
  if (column.maximum) rules.push_back({RuleKind::kAtMost, *column.maximum});
  return rules;
}

std::string DescribeRule(const Rule& rule) {
  return Fill(WordingOf(rule.kind).words, "", rule.limit);
}

std::string BrokenRule(const Column& column, const RuleValue& value) {
  for (const Rule& rule : column.rules) {
    if (std::visit(Keeps(rule), value)) continue;
    std::string description = DescribeRule(rule);
    if (rule.kind == RuleKind::kCharactersMin || rule.kind == RuleKind::kCharactersMax) {
      absl::StrAppend(&description, ", has ", Utf8Length(std::get<std::string_view>(value)));
    }
    return description;
  }
  return "";
}

std::string CheckCondition(const Column& column) {
  std::vector<std::string> conditions;
  for (const Rule& rule : column.rules) {
    const Wording& wording = WordingOf(rule.kind);
    const char* sql = column.array ? wording.each : wording.sql;
    if (*sql != '\0') conditions.push_back(Fill(sql, column.sql_name, rule.limit));
  }
  return absl::StrJoin(conditions, " AND ");
}

}  // namespace tenantry::schema
