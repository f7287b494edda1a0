// Small schemas with one thing wrong each, and what Load says of them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::schema {

using Lines = std::vector<std::string>;

inline constexpr char kHead[] =
    "syntax = \"proto3\"; package t; import \"tenantry/v1/options.proto\"; "
    "import \"google/protobuf/timestamp.proto\"; import \"google/protobuf/struct.proto\"; ";

// The table's options stand at 3:3, its fields in line 5, what follows it begins at 7:1.
struct Case {
  std::string options;
  std::string fields;
  std::string after;
  Lines errors;  // without `t.proto:`
};

inline std::string FileOf(const Case& c) {
  return absl::StrCat(kHead, "\nmessage Item {\n  option (tenantry.v1.table) = {", c.options,
                      "};\n  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];\n  ",
                      c.fields, "\n}\n", c.after, "\n");
}

inline void Expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Lines expected;
    for (const std::string& error : c.errors) expected.push_back("t.proto:" + error);
    EXPECT_THAT(tenantry::testing::LintLines({{"t.proto", FileOf(c)}}),
                ::testing::ElementsAreArray(expected))
        << FileOf(c);
  }
}

// One field whose column option is `option`.
inline Case Field(const std::string& field, const std::string& option, const std::string& error) {
  std::string brackets =
      option.empty() ? "" : absl::StrCat(" [(tenantry.v1.column) = {", option, "}]");
  Lines errors;
  if (!error.empty()) errors.push_back("5:3: t.Item.x: " + error);
  return {"", absl::StrCat(field, " x = 2", brackets, ";"), "", errors};
}

inline Case TableOption(const std::string& options, const std::string& error,
                        const std::string& fields = "string name = 2; string note = 3;") {
  Lines errors;
  if (!error.empty()) errors.push_back("3:3: t.Item: " + error);
  return {options, fields, "", errors};
}

}  // namespace tenantry::schema
