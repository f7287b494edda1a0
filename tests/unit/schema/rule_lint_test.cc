// What is wrong with declared rules, and where it is said to be.
#include "tests/unit/schema/lint_cases.h"

namespace tenantry::schema {
namespace {

TEST(Lint, Bounds) {
  Expect({
      Field("int32", "gt: \"0\" lte: \"9\"", ""),
      Field("int32", "gt: \"0.5\"", "gt `0.5` is no integer of this type"),
      Field("int32", "lt: \"3000000000\"", "lt `3000000000` is no integer of this type"),
      Field("double", "gte: \"0.5\"", ""),
      Field("double", "gte: \"1e3\"", "gte `1e3` is no number in decimal notation"),
      Field("string", "type: COLUMN_TYPE_NUMERIC gt: \"0.001\"", ""),
      Field("string", "type: COLUMN_TYPE_NUMERIC gt: \"x\"", "gt `x` is no decimal number"),
      Field("string", "type: COLUMN_TYPE_DATE gte: \"2024-02-29\"", ""),
      Field("string", "type: COLUMN_TYPE_DATE gte: \"2023-02-29\"",
            "gte `2023-02-29` is not a date (YYYY-MM-DD)"),
      Field("google.protobuf.Timestamp", "lt: \"2024-01-01T00:00:00+01:00\"", ""),
      Field("google.protobuf.Timestamp", "lt: \"now()\"", "lt `now()` is no time as in RFC 3339"),
      Field("google.protobuf.Timestamp", "lt: \"2024-01-01T00:00:00.0000001Z\"",
            "lt `2024-01-01T00:00:00.0000001Z` is no time that PostgreSQL and protobuf hold: "
            "microseconds, years 1 to 9999"),
      Field("string", "gt: \"a\"", "gt applies to numbers, dates and times, not to text"),
      Field("repeated int32", "gt: \"1\"", "gt does not apply to repeated fields"),
      Field("int32", "gt: \"5\" lt: \"5\"", "no value is both above 5 and below 5"),
      Field("int32", "gte: \"5\" lte: \"5\"", ""),
      Field("optional int32", "gt: \"5\" default_value: \"5\"",
            "default_value `5` must be more than 5"),
  });
}

TEST(Lint, PatternsFormatsAndChoices) {
  Expect({
      Field("string", "pattern: \"[a-z]+\"", ""),
      Field("repeated string", "pattern: \"[a-z]+\"", ""),
      Field("int32", "pattern: \"[a-z]+\"", "pattern applies to text, not to integer"),
      Field("string", "pattern: \"a\\\\b\"",
            "pattern has the escape \\b, which RE2 and PostgreSQL do not read in the same way: "
            "write a set such as [A-Za-z], or the character itself, at character 3"),
      Field("optional string", "pattern: \"[a-z]+\" default_value: \"A\"",
            "default_value `A` must match [a-z]+ as a whole"),
      Field("string", "format: FORMAT_EMAIL", ""),
      Field("string", "format: FORMAT_UUID",
            "format is a type or unknown: what has a type says it by `type`"),
      Field("bytes", "format: FORMAT_EMAIL", "format applies to text, not to bytea"),
      Field("string", "in: [\"a\", \"b\"]", ""),
      Field("repeated string", "in: [\"a\", \"b\"]", ""),
      Field("int64", "in: [\"1\", \"2\"]", ""),
      Field("int64", "in: [\"1\", \"x\"]", "in `x` is no integer of this type"),
      Field("string", "in: [\"a\", \"a\"]", "in has `a` twice"),
      Field("double", "in: \"1\"",
            "in applies to text and to single integers, not to double precision"),
      Field("optional string", "in: [\"a\", \"b\", \"c\"] default_value: \"d\"",
            "default_value `d` must be a, b or c"),
      Field("repeated int32", "min_items: 1 max_items: 3", ""),
      Field("repeated int32", "min_items: 4 max_items: 3", "min_items 4 is above max_items 3"),
      Field("int32", "max_items: 3", "min_items and max_items apply to repeated fields"),
  });
}

TEST(Lint, RulesOfRows) {
  const std::string fields =
      "int32 a = 2; optional int32 b = 3; optional string c = 4; optional string d = 5; "
      "repeated int32 e = 6; optional int64 f = 7; optional bool g = 8;";
  const auto rule = [&](const std::string& options, const std::string& error) {
    return TableOption("rules: {name: \"r\" " + options + "}",
                       error.empty() ? "" : "rule r: " + error, fields);
  };
  Expect({
      rule("compare: {column: \"a\" operator: OPERATOR_LT other: \"b\"}", ""),
      rule("compare: {column: \"a\" operator: OPERATOR_LT other: \"f\"}", ""),
      rule("compare: {column: \"a\" operator: OPERATOR_LT value: \"5\"}", ""),
      rule("set: {columns: [\"c\", \"d\"] count: SET_COUNT_EXACTLY_ONE}", ""),
      rule("set: {columns: \"c\"} when: {column: \"g\" operator: OPERATOR_EQ value: \"true\"}", ""),
      rule("", "must have exactly one of `compare` and `set`"),
      rule("compare: {column: \"x\" operator: OPERATOR_LT other: \"b\"}",
           "t.Item has no field `x`"),
      rule("compare: {column: \"a\" other: \"b\"}", "must have an operator"),
      rule("compare: {column: \"a\" operator: OPERATOR_LT}",
           "must have exactly one of `other` and `value` in each comparison"),
      rule("compare: {column: \"a\" operator: OPERATOR_LT other: \"c\"}",
           "a and c must be two columns of one type"),
      rule("compare: {column: \"a\" operator: OPERATOR_LT other: \"a\"}",
           "a and a must be two columns of one type"),
      rule("compare: {column: \"a\" operator: OPERATOR_LT value: \"x\"}",
           "`x` is no integer of this type"),
      rule("compare: {column: \"c\" operator: OPERATOR_LT other: \"d\"}",
           "c is of type text: only OPERATOR_EQ and OPERATOR_NE compare it"),
      rule("compare: {column: \"e\" operator: OPERATOR_EQ value: \"1\"}",
           "e is of type integer[], which is not compared"),
      rule("set: {columns: [\"a\", \"c\"] count: SET_COUNT_EXACTLY_ONE}",
           "a is never NULL: only columns that allow NULL are counted"),
      rule("set: {columns: [\"c\", \"c\"] count: SET_COUNT_EXACTLY_ONE}", "c is named twice"),
      rule("set: {columns: \"c\" count: SET_COUNT_EXACTLY_ONE}", "counts two columns or more"),
      rule("set: {columns: \"c\"}",
           "needs `when`: the columns' own `not_null` says it for every row"),
      TableOption(
          "rules: {name: \"R\" compare: {column: \"a\" operator: OPERATOR_LT value: \"5\"}}",
          "name of a rule `R` must be lower_snake_case", fields),
      TableOption("checks: {name: \"r\" expression: \"a > 0\"} rules: {name: \"r\" compare: "
                  "{column: \"a\" operator: OPERATOR_LT value: \"5\"}}",
                  "the name `r` of rule r is that of check r", fields),
  });
}

}  // namespace
}  // namespace tenantry::schema
