// The rules that values of a column keep.
//
// Each rule is defined once. Two things follow from it: the server's check of a value in a request,
// and the condition of the CHECK constraint in the database. So both agree on every value, and
// nothing is stored that the API cannot express. The type of the column keeps some rules, such as
// varchar(n): they need no CHECK. The form of the message keeps others: they need no check of
// requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/base/values.h"

namespace tenantry::schema {

struct Column;

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
};

struct Rule {
  RuleKind kind;
  std::int64_t limit = 0;
};

// The first and the last second of google.protobuf.Timestamp, in Unix time: 0001-01-01T00:00:00Z
// and 9999-12-31T23:59:59Z.
inline constexpr std::int64_t kTimeSecondsMin = -62135596800;
inline constexpr std::int64_t kTimeSecondsMax = 253402300799;

struct TimeValue {
  std::int64_t seconds;
};

// A value in the form in which rules look at it. A string_view is of a text or ULID column.
using RuleValue =
    std::variant<std::int64_t, double, Decimal, std::string_view, absl::CivilDay, TimeValue>;

// Add the rules that follow from the type of the column (TypeInfo::add_rules).
void AddFloatRules(const Column& column, std::vector<Rule>& rules);
void AddTextRules(const Column& column, std::vector<Rule>& rules);
void AddUlidRules(const Column& column, std::vector<Rule>& rules);
void AddNumericRules(const Column& column, std::vector<Rule>& rules);
void AddDateRules(const Column& column, std::vector<Rule>& rules);
void AddTimestampRules(const Column& column, std::vector<Rule>& rules);
void AddJsonRules(const Column& column, std::vector<Rule>& rules);

// All rules of a column. Its other members must be set.
std::vector<Rule> RulesOf(const Column& column);

// What is wrong with the value (`must be at least 5`). Empty when it keeps every rule. Of an array,
// the value is an element. JSON is not checked here but where its text is made.
std::string BrokenRule(const Column& column, const RuleValue& value);

// The rule in words: `must be at least 5`.
std::string DescribeRule(const Rule& rule);

// The condition of the column's CHECK constraint. Empty when there is nothing to check.
std::string CheckCondition(const Column& column);

}  // namespace tenantry::schema
