// The rules that values of a column keep.
//
// Each rule is defined once. Two things follow from it: the server's check of a value in a request,
// and the condition of the CHECK constraint in the database. So both agree on every value, and
// nothing is stored that the API cannot express. The type of the column keeps some rules, such as
// varchar(n): they need no CHECK. The form of the message keeps others: they need no check of
// requests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "server/base/values.h"
#include "server/schema/pattern.h"

namespace tenantry::v1 {
enum Format : int;
}

namespace tenantry::schema {

struct Column;
struct Table;

enum class RuleKind : std::uint8_t {
  kAtLeast,        // a number, inclusive
  kAtMost,         // a number, inclusive
  kFinite,         // neither NaN nor infinite
  kCharactersMin,  // of a text
  kCharactersMax,  // of a text; the type varchar(n) keeps it
  kUlid,           // as stored: in capitals
  kDigitsBefore,   // of a decimal, before the point
  kDigitsAfter,    // of a decimal, after the point, as it was written
  kPrecision,      // of a decimal, before the point; the type numeric(p, s) keeps it
  kScale,          // of a decimal, after the point; the type numeric(p, s) rounds to it
  kDate,           // from year 1 to year 9999
  kTime,           // what google.protobuf.Timestamp holds
  kJsonObject,     // what google.protobuf.Struct holds
  kJsonNumbers,    // of jsonb: no number that a double cannot hold
  kJsonDepth,      // objects and lists within each other
  kFlatArray,      // one dimension, no NULL
  // Those that a schema declares with more than a number.
  kFrom,              // a number, a date or a time: at least
  kUpTo,              // at most
  kAbove,             // more than
  kBelow,             // less than
  kPattern,           // a text matches it
  kFormat,            // a text has it; `limit` is the v1::Format
  kFormatCharacters,  // most characters of a text of this format
  kOneOf,             // a text or an integer
  kItemsMin,          // of a list
  kItemsMax,          // of a list
};

// The first and the last second of google.protobuf.Timestamp, in Unix time: 0001-01-01T00:00:00Z
// and 9999-12-31T23:59:59Z.
inline constexpr std::int64_t kTimeSecondsMin = -62135596800;
inline constexpr std::int64_t kTimeSecondsMax = 253402300799;

struct TimeValue {
  std::int64_t seconds;
  std::int32_t nanos = 0;  // PostgreSQL keeps microseconds
};

// A value in the form in which rules look at it. A string_view is of a text or ULID column.
using RuleValue =
    std::variant<std::int64_t, double, Decimal, std::string_view, absl::CivilDay, TimeValue>;

// Below zero, zero or above it, in PostgreSQL's order: NaN is equal to itself and more than all
// else, and times count as microseconds. Both are of one type, or the answer says nothing.
int CompareValues(const RuleValue& a, const RuleValue& b);

// A literal of a schema as a value of the column. The values point into the text.
struct RuleLiteral {
  std::shared_ptr<const std::string> text;
  RuleValue value;
  std::string sql;  // an expression that compares with the column
};
// Of a number, a decimal, a date or a time. The status message says what is wrong with it.
absl::StatusOr<RuleLiteral> ParseRuleLiteral(const Column& column, const std::string& text);

// What a rule says beyond a number.
struct RuleDetail {
  RuleLiteral bound;                       // of kFrom and the like
  std::shared_ptr<const Pattern> pattern;  // of kPattern and kFormat
  std::string words;                       // of kFormat: all of it
  std::vector<std::string> values;         // of kOneOf, as they were declared
  std::vector<std::int64_t> numbers;       // the same of integers
};

struct Rule {
  RuleKind kind;
  std::int64_t limit = 0;
  std::shared_ptr<const RuleDetail> detail{};
};

// Add the rules that follow from the type of the column (TypeInfo::add_rules).
void AddFloatRules(const Column& column, std::vector<Rule>& rules);
void AddTextRules(const Column& column, std::vector<Rule>& rules);
void AddUlidRules(const Column& column, std::vector<Rule>& rules);
void AddNumericRules(const Column& column, std::vector<Rule>& rules);
void AddDateRules(const Column& column, std::vector<Rule>& rules);
void AddTimestampRules(const Column& column, std::vector<Rule>& rules);
void AddJsonRules(const Column& column, std::vector<Rule>& rules);

// The rules that a schema declares by themselves. The status message says what is wrong with them,
// also with the column's type.
absl::StatusOr<Rule> MakeBound(const Column& column, RuleKind kind, const std::string& literal);
absl::StatusOr<Rule> MakePattern(const Column& column, const std::string& pattern);
absl::StatusOr<std::vector<Rule>> MakeFormat(const Column& column, v1::Format format);
absl::StatusOr<Rule> MakeOneOf(const Column& column, std::vector<std::string> values);

// The rules of a column that follow from its other members, which must be set.
std::vector<Rule> RulesOf(const Column& column);

// All that is wrong with the value (`must be at least 5`). Empty when it keeps every rule. Of an
// array, the value is an element. JSON is not checked here but where its text is made.
std::string BrokenRule(const Column& column, const RuleValue& value);

bool KeepsRule(const Rule& rule, const RuleValue& value);

// What is wrong with the number of a list's elements.
std::string BrokenSize(const Column& column, int size);

// The rule in words: `must be at least 5`.
std::string DescribeRule(const Rule& rule);

// The condition of the column's CHECK constraint. Empty when there is nothing to check.
std::string CheckCondition(const Column& column);

// The name of that constraint.
std::string CheckConstraintOf(const Table& table, const Column& column);

// What that condition says, in words. Empty where only a rule of the type is in it, which nobody
// breaks through the API.
std::string DescribeCondition(const Column& column);

}  // namespace tenantry::schema
