#include "server/schema/rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/ids.h"
#include "server/base/limits.h"
#include "server/base/utf8.h"
#include "server/schema/naming.h"
#include "server/schema/schema.h"

namespace tenantry::schema {
namespace {

// The words and conditions of a rule, with `$c` for the column and `$n` for the limit, or for what
// the detail of the rule says instead.
struct Wording {
  RuleKind kind;
  const char* words;
  const char* sql;   // condition on a single value; empty when the type keeps the rule
  const char* each;  // condition on an array, that all its elements meet
};

// Each element of a list by itself. `s`: as elsewhere, a newline is a character like others.
constexpr char kEachMatches[] =
    "NOT jsonb_path_exists(to_jsonb($c), '$[*] ? (!(@ like_regex $n flag \"s\"))')";

// Two conditions need an explanation. The elements of an array of text cannot stand on the left of
// `~`, so they are joined. Their lengths tell that no blank of an element was taken for a
// separator. And `^` binds less than the minus of a constant.
constexpr std::array<Wording, 26> kWordings = {{
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
    {RuleKind::kFrom, "must be at least $n", "$c >= $n", ""},
    {RuleKind::kUpTo, "must be at most $n", "$c <= $n", ""},
    {RuleKind::kAbove, "must be more than $n", "$c > $n", ""},
    {RuleKind::kBelow, "must be less than $n", "$c < $n", ""},
    {RuleKind::kPattern, "must match $n as a whole", "$c ~ $n", kEachMatches},
    {RuleKind::kFormat, "$n", "$c ~ $n", kEachMatches},
    {RuleKind::kFormatCharacters, "must have at most $n characters", "char_length($c) <= $n",
     "NOT jsonb_path_exists(to_jsonb($c), '$[*] ? (@ like_regex \"^.{$n}.\" flag \"s\")')"},
    {RuleKind::kOneOf, "must be $n", "$c IN ($n)", "$c::text[] <@ ARRAY[$n]::text[]"},
    {RuleKind::kItemsMin, "must have at least $n elements", "", "cardinality($c) >= $n"},
    {RuleKind::kItemsMax, "must have at most $n elements", "", "cardinality($c) <= $n"},
}};

constexpr int kDigitsAfterOfArrays = 1000;  // as the pattern above counts them
static_assert(limits::kDecimalDigitsMax == kDigitsAfterOfArrays);

const Wording& WordingOf(RuleKind kind) {
  for (const Wording& wording : kWordings) {
    if (wording.kind == kind) return wording;
  }
  return kWordings.back();
}

std::string Fill(const char* text, std::string_view column, const std::string& limit) {
  return absl::StrReplaceAll(
      text, {{"$c", absl::string_view(column.data(), column.size())}, {"$n", limit}});
}

// `$n` of the words.
std::string LimitInWords(const Rule& rule) {
  if (rule.detail == nullptr) return absl::StrCat(rule.limit);
  switch (rule.kind) {
    case RuleKind::kPattern:
      return rule.detail->pattern->text();
    case RuleKind::kFormat:
      return rule.detail->words;
    case RuleKind::kOneOf: {
      const auto& values = rule.detail->values;
      const std::string others = absl::StrJoin(values.begin(), values.end() - 1, ", ");
      return absl::StrCat(others, others.empty() ? "" : " or ", values.back());
    }
    default:
      return *rule.detail->bound.text;
  }
}

// `$n` of a condition on a column or on the elements of one.
std::string LimitInSql(const Rule& rule, const Column& column) {
  if (rule.detail == nullptr) return absl::StrCat(rule.limit);
  switch (rule.kind) {
    case RuleKind::kPattern:
    case RuleKind::kFormat: {
      if (!column.array) return QuoteLiteral(rule.detail->pattern->sql());
      // A string of a path of JSON, within a literal of SQL.
      return absl::StrCat("\"",
                          absl::StrReplaceAll(rule.detail->pattern->sql(),
                                              {{"\\", "\\\\"}, {"\"", "\\\""}, {"'", "''"}}),
                          "\"");
    }
    case RuleKind::kOneOf:
      return absl::StrJoin(rule.detail->values, ", ",
                           [&](std::string* out, const std::string& value) {
                             out->append(column.type == Type::kText ? QuoteLiteral(value) : value);
                           });
    default:
      return rule.detail->bound.sql;
  }
}

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int Order(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return (std::isnan(a) ? 1 : 0) - (std::isnan(b) ? 1 : 0);
  return a < b ? -1 : b < a ? 1 : 0;
}

int Order(const TimeValue& a, const TimeValue& b) {
  return Order(std::pair(a.seconds, a.nanos / 1000), std::pair(b.seconds, b.nanos / 1000));
}

bool KeepsBound(const Rule& rule, const RuleValue& value) {
  const int order = CompareValues(value, rule.detail->bound.value);
  switch (rule.kind) {
    case RuleKind::kFrom:
      return order >= 0;
    case RuleKind::kUpTo:
      return order <= 0;
    case RuleKind::kAbove:
      return order > 0;
    default:
      return order < 0;
  }
}

bool IsBound(RuleKind kind) {
  return kind == RuleKind::kFrom || kind == RuleKind::kUpTo || kind == RuleKind::kAbove ||
         kind == RuleKind::kBelow;
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
      case RuleKind::kOneOf: {
        const auto& numbers = rule_.detail->numbers;
        return std::find(numbers.begin(), numbers.end(), value) != numbers.end();
      }
      default:
        return !IsBound(rule_.kind) || KeepsBound(rule_, value);
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
        return !IsBound(rule_.kind) || KeepsBound(rule_, value);
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
        return !IsBound(rule_.kind) || KeepsBound(rule_, value);
    }
  }

  bool operator()(std::string_view value) const {
    const auto limit = static_cast<std::size_t>(rule_.limit);
    switch (rule_.kind) {
      case RuleKind::kCharactersMin:
        return value.size() >= limit && Utf8Length(value) >= limit;
      case RuleKind::kCharactersMax:
      case RuleKind::kFormatCharacters:
        // Characters are never more than bytes: the common case needs no counting.
        return value.size() <= limit || Utf8Length(value) <= limit;
      case RuleKind::kUlid:
        return IsValidUlid(value);
      case RuleKind::kPattern:
      case RuleKind::kFormat:
        return rule_.detail->pattern->Matches(value);
      case RuleKind::kOneOf: {
        const auto& values = rule_.detail->values;
        return std::find(values.begin(), values.end(), value) != values.end();
      }
      default:
        return true;
    }
  }

  bool operator()(absl::CivilDay value) const {
    if (rule_.kind == RuleKind::kDate) return value.year() >= 1 && value.year() <= 9999;
    return !IsBound(rule_.kind) || KeepsBound(rule_, value);
  }

  bool operator()(TimeValue value) const {
    if (rule_.kind == RuleKind::kTime) {
      return value.seconds >= kTimeSecondsMin && value.seconds <= kTimeSecondsMax;
    }
    return !IsBound(rule_.kind) || KeepsBound(rule_, value);
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

int CompareValues(const RuleValue& a, const RuleValue& b) {
  return std::visit(
      [](const auto& x, const auto& y) {
        using X = std::decay_t<decltype(x)>;
        if constexpr (!std::is_same_v<X, std::decay_t<decltype(y)>>) {
          return 0;
        } else if constexpr (std::is_same_v<X, Decimal>) {
          return Compare(x, y);
        } else {
          return Order(x, y);
        }
      },
      a, b);
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
  return Fill(WordingOf(rule.kind).words, "", LimitInWords(rule));
}

bool KeepsRule(const Rule& rule, const RuleValue& value) { return std::visit(Keeps(rule), value); }

std::string BrokenRule(const Column& column, const RuleValue& value) {
  std::string broken;
  for (const Rule& rule : column.rules) {
    if (KeepsRule(rule, value)) continue;
    absl::StrAppend(&broken, broken.empty() ? "" : "; ", DescribeRule(rule));
    if (rule.kind == RuleKind::kCharactersMin || rule.kind == RuleKind::kCharactersMax) {
      absl::StrAppend(&broken, ", has ", Utf8Length(std::get<std::string_view>(value)));
    }
  }
  return broken;
}

std::string BrokenSize(const Column& column, int size) {
  for (const Rule& rule : column.rules) {
    const bool kept = rule.kind == RuleKind::kItemsMin   ? size >= rule.limit
                      : rule.kind == RuleKind::kItemsMax ? size <= rule.limit
                                                         : true;
    if (!kept) return absl::StrCat(DescribeRule(rule), ", has ", size);
  }
  return "";
}

std::string CheckCondition(const Column& column) {
  std::vector<std::string> conditions;
  for (const Rule& rule : column.rules) {
    const Wording& wording = WordingOf(rule.kind);
    const char* sql = column.array ? wording.each : wording.sql;
    if (*sql != '\0') conditions.push_back(Fill(sql, column.sql_name, LimitInSql(rule, column)));
  }
  return absl::StrJoin(conditions, " AND ");
}

std::string CheckConstraintOf(const Table& table, const Column& column) {
  return FitIdentifier(absl::StrCat(table.name, "_", column.name, "_check"));
}

std::string DescribeCondition(const Column& column) {
  std::vector<std::string> words;
  for (const Rule& rule : column.rules) {
    const Wording& wording = WordingOf(rule.kind);
    if (*(column.array ? wording.each : wording.sql) == '\0') continue;
    const bool declared = rule.kind < RuleKind::kFinite || rule.kind == RuleKind::kCharactersMin ||
                          rule.kind > RuleKind::kFlatArray;
    if (declared) words.push_back(DescribeRule(rule));
  }
  return absl::StrJoin(words, "; ");
}

}  // namespace tenantry::schema
