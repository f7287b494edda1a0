// What the values of a column must be.
//
// Each rule is said once, and two things follow from it: the server's check of a request's value,
// and the condition of the CHECK constraint in the database. So both agree on every value, and
// nothing is stored that the API cannot say. (Some rules are kept by the column's type, such as
// varchar(n), and need no CHECK; others by the form of the message, and need no check of requests.)
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

// Seconds of the Unix epoch of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z, the first and the
// last of google.protobuf.Timestamp.
inline constexpr std::int64_t kTimeSecondsMin = -62135596800;
inline constexpr std::int64_t kTimeSecondsMax = 253402300799;

struct TimeValue {
  std::int64_t seconds;
};

// A value as rules look at it. Text is that of text and ULID columns.
using RuleValue =
    std::variant<std::int64_t, double, Decimal, std::string_view, absl::CivilDay, TimeValue>;

// The rules of a column whose other members are set.
std::vector<Rule> RulesOf(const Column& column);

// What is wrong with the value (`must be at least 5`), of an array's element if the column is one;
// empty when it keeps every rule. JSON is checked where its text is made.
std::string BrokenRule(const Column& column, const RuleValue& value);

// The rule in words: `must be at least 5`.
std::string DescribeRule(const Rule& rule);

// The condition on the column that is its CHECK constraint. Empty when there is nothing to check.
std::string CheckCondition(const Column& column);

}  // namespace tenantry::schema
