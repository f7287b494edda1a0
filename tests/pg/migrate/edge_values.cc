#include "tests/pg/migrate/edge_values.h"

#include <cmath>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tenantry::migrate {
namespace {

using schema::Column;
using schema::Type;

Texts Decimals() {
  Texts texts = {"0",
                 "-0",
                 "0.0",
                 "-0.00",
                 "1",
                 "-1",
                 "+1",
                 "01",
                 "1.",
                 ".5",
                 "-.5",
                 "0.005",
                 "0.004",
                 "0.994",
                 "0.995",
                 "0.999",
                 "1.00",
                 "1.000",
                 "9.999",
                 "99",
                 "99.00",
                 "99.001",
                 "98.999",
                 "-0.001",
                 "999",
                 "999.4",
                 "999.5",
                 "999.99",
                 "999.994",
                 "999.995",
                 "1000",
                 "1e2",
                 "1e-2",
                 "1e400",
                 "1E400",
                 "1e999",
                 "1e1000",
                 "1e-1001",
                 "NaN",
                 "nan",
                 "Infinity",
                 "-Infinity",
                 "inf",
                 "9007199254740993",
                 "9007199254740993.0",
                 "9007199254740993.000000000001",
                 "9007199254740994",
                 "-9223372036854775807",
                 "-9223372036854775807.1",
                 "-9223372036854775808",
                 "",
                 " ",
                 "1 ",
                 " 1",
                 "1,5",
                 "0x10",
                 "1_000",
                 "--1",
                 "."};
  for (int digits : {999, 1000, 1001, 1002}) {
    texts.push_back(std::string(digits, '9'));
    texts.push_back("-" + std::string(digits, '9') + "." + std::string(1000, '1'));
    texts.push_back("0." + std::string(digits, '1'));
    texts.push_back("1." + std::string(digits, '0'));
    texts.push_back(std::string(digits, '0') + "1");
  }
  std::mt19937 random(20261125);
  for (int i = 0; i < 120; ++i) {
    std::string text(random() % 2, '-');
    for (std::size_t n = 1 + random() % 4; n > 0; --n)
      text += static_cast<char>('0' + random() % 10);
    if (random() % 3 != 0) text += '.';
    for (std::size_t n = random() % 4; n > 0; --n) {
      text += "0059"[random() % 4];
    }
    texts.push_back(text);
  }
  return texts;
}

Texts Strings() {
  const std::string owl = "\xf0\x9f\xa6\x89";
  return {"",
          "a",
          "ab",
          "abc",
          "abcd",
          "abcde",
          "abc ",
          "abc  ",
          "   ",
          "    ",
          owl,
          owl + owl,
          owl + owl + owl,
          owl + owl + owl + owl,
          "e\xcc\x81",
          "a\nb",
          "NULL",
          "{}",
          "\\",
          "\"",
          "'"};
}

Texts Integers() {
  return {"0",
          "-1",
          "1",
          "-5",
          "-6",
          "7",
          "8",
          "2147483647",
          "-2147483648",
          "2147483648",
          "9223372036854775807",
          "9223372036854775806",
          "-9223372036854775808",
          "-9007199254740993",
          "-9007199254740994"};
}

Texts Floats() {
  return {"0",
          "-0",
          "1",
          "-1",
          "0.1",
          "0.10000000000000002",
          "0.09999999999999999",
          "NaN",
          "Infinity",
          "-Infinity",
          "16777216",
          "16777217",
          "16777218",
          "-16777216",
          "-16777218",
          "3.4028235e38",
          "-3.4028235e38",
          "1e-45",
          "9007199254740992",
          "9007199254740994",
          "9007199254740993",
          "-9.2233720368547758e18",
          "-9.223373e18",
          "1.7976931348623157e308",
          "-1.7976931348623157e308",
          "5e-324",
          "-1e-300"};
}

Texts Dates() {
  return {"0001-01-01",
          "9999-12-30",
          "9999-12-31",
          "2024-02-28",
          "10000-01-01",
          "0001-12-31 BC",
          "0000-01-01",
          "infinity",
          "-infinity",
          "2024-02-29",
          "2023-02-29",
          "1900-02-29",
          "2026-1-1",
          "today",
          "2026-13-01",
          "5874897-12-31",
          "January 8, 1999",
          "20260101",
          ""};
}

// Microseconds since 2000-01-01.
Texts Times() {
  Texts texts;
  for (std::int64_t seconds :
       {std::int64_t{0}, schema::kTimeSecondsMin, schema::kTimeSecondsMax,
        schema::kTimeSecondsMin - 1, schema::kTimeSecondsMax + 1, kEpochOfPostgres}) {
    for (std::int64_t micros : {0, 1, 2, 999999}) {
      texts.push_back(absl::StrCat((seconds - kEpochOfPostgres) * 1000000 + micros));
    }
  }
  return texts;
}

Texts Jsons() {
  auto nested = [](int depth, const char* open, const char* close) {
    std::string text = "{\"a\": ";
    for (int i = 1; i < depth; ++i) text += open;
    text += "1";
    for (int i = 1; i < depth; ++i) text += close;
    return text + "}";
  };
  Texts texts = {"{}",
                 "[]",
                 "null",
                 "1",
                 "\"x\"",
                 "true",
                 "{\"a\": null}",
                 "{\"a\": 1.7976931348623157e308}",
                 "{\"a\": -1.7976931348623157e308}",
                 "{\"a\": 1e309}",
                 "{\"a\": 1e400}",
                 "{\"a\": [1, [-1e309]]}",
                 "{\"a\": \"1e400\"}",
                 "{\"a\": 1e-400}",
                 "{\"a\": 12345678901234567890123}",
                 "{\"\": [[], {}]}",
                 "{\"a\": 0.1, \"b\": [true, false, null, \"\\u00e9\"]}",
                 "{\"a\": \"\\u0000\"}"};
  for (int depth : {31, 32, 33, 34, 200}) {
    texts.push_back(nested(depth, "{\"a\": ", "}"));
    texts.push_back(nested(depth, "[", "]"));
  }
  return texts;
}

}  // namespace

Texts Candidates(const Column& column) {
  switch (column.type) {
    case Type::kInt32:
    case Type::kInt64:
      return Integers();
    case Type::kFloat:
    case Type::kDouble:
      return Floats();
    case Type::kNumeric:
      return Decimals();
    case Type::kDate:
      return Dates();
    case Type::kTimestamp:
      return Times();
    case Type::kJson:
      return Jsons();
    case Type::kBool:
      return {"true", "false"};
    case Type::kUuid:
      return {"01920000-0000-7000-8000-00000000ac3e", "01920000-0000-7000-8000-00000000AC3E",
              "{01920000-0000-7000-8000-00000000ac3e}", "019200000000700080000000 0000ac3e", ""};
    case Type::kUlid:
      return {"01ARZ3NDEKTSV4RRFFQ69G5FAV",
              "01arz3ndektsv4rrffq69g5fav",
              "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
              "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
              "01ARZ3NDEKTSV4RRFFQ69G5FA",
              "01ARZ3NDEKTSV4RRFFQ69G5FAU",
              "",
              "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
              "01ARZ3NDEKTSV4RRFFQ69G5FAV "};
    default:
      return Strings();
  }
}

Texts OddArrays(const Column& column) {
  Texts texts = {"{}", "{NULL}", "{{}}"};
  for (const std::string& text : Candidates(column)) {
    if (text.empty() || text.find_first_of("\"\\{}\n, '") != std::string::npos) continue;
    texts.push_back(absl::StrCat("{", text, ",NULL}"));
    texts.push_back(absl::StrCat("{{", text, "},{", text, "}}"));
    texts.push_back(absl::StrCat("[5:5]={", text, "}"));
    break;
  }
  if (column.type == Type::kUlid) {
    const std::string ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    texts.push_back(absl::StrCat("{\"", ulid, " ", ulid, "\"}"));
    texts.push_back(absl::StrCat("{\"", ulid, " \",\"\"}"));
  }
  return texts;
}

}  // namespace tenantry::migrate
