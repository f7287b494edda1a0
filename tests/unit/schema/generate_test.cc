// Derived files on disk, those of the repository included.
#include "server/schema/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/saas_schema.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::schema {
namespace {

using tenantry::testing::Files;
using tenantry::testing::LedgerSchema;
using tenantry::testing::MustLoad;
using tenantry::testing::SaasSchema;
using tenantry::testing::SourceDir;
using tenantry::testing::SourceDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kItem[] = R"(syntax = "proto3";
package t;
import "tenantry/v1/options.proto";
message Item {
  option (tenantry.v1.table) = {};
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
}
)";

TEST(Generate, RepositoryIsUpToDate) {
  auto stale = StaleFiles(SaasSchema(), SourceDir() + "/proto");
  ASSERT_TRUE(stale.ok()) << stale.status();
  EXPECT_THAT(*stale, IsEmpty()) << "run `tenantryd generate`";
}

// The whole API of one schema, for a reader of a change to what is derived. Written anew with
// TENANTRY_UPDATE_GOLDEN=1.
TEST(Generate, LedgerGolden) {
  for (const auto& [name, text] : LedgerSchema().generated_files()) {
    const std::string file = name.substr(name.rfind('/'));
    const std::string path = SourceDir() + "/tests/golden/schema/ledger" + file;
    if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
    std::ostringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(golden.str(), text) << name;
  }
}

// The rules of columns in the words of protovalidate, on request. An Update leaves fields out, so a
// field that cannot be absent is passed over while it is zero.
TEST(Generate, RulesAsOptionsOfProtovalidate) {
  const std::string columns = R"(
message Item {
  option (tenantry.v1.table) = {};
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
  string code = 2 [(tenantry.v1.column) = {pattern: "^[A-Z]+$" max_length: 9}];
  optional string email = 3 [(tenantry.v1.column).format = FORMAT_EMAIL];
  optional int32 count = 4 [(tenantry.v1.column) = {minimum: 1 maximum: 9 lt: "9"}];
  repeated string tags = 5 [(tenantry.v1.column) = {in: ["a", "b"] max_items: 2}];
  optional double share = 6 [(tenantry.v1.column) = {gte: "0.5"}];
  google.protobuf.Timestamp at = 7 [(tenantry.v1.column) = {gt: "2020-01-01T00:00:00Z"}];
  string note = 8;
  google.protobuf.Timestamp made_at = 9 [(tenantry.v1.column).managed = MANAGED_CREATE_TIME];
}
)";
  const std::string head =
      "syntax = \"proto3\";\npackage t;\nimport \"google/protobuf/timestamp.proto\";\n"
      "import \"tenantry/v1/options.proto\";\n";
  const auto resources = [&](const std::string& option) {
    SourceDirectory directory(Files{{"t/item.proto", head + option + columns}});
    const auto schema = MustLoad(directory.path());
    for (const auto& [name, text] : schema->generated_files()) {
      if (name.ends_with("resources.proto")) return text;
    }
    return std::string();
  };
  EXPECT_THAT(resources(""), ::testing::Not(HasSubstr("buf/validate")));
  const std::string text = resources("option (tenantry.v1.database).buf_validate = true;\n");
  EXPECT_THAT(text, HasSubstr("import \"buf/validate/validate.proto\";"));
  std::string flat;  // without line breaks and what stands before them
  for (char c : text) {
    if (c == '\n' || (c == ' ' && !flat.empty() && flat.back() == ' ')) c = ' ';
    if (c != ' ' || flat.empty() || flat.back() != ' ') flat.push_back(c);
  }
  for (const char* rule :
       {"string id = 1 [ (buf.validate.field) = { string: {uuid: true} ignore: "
        "IGNORE_IF_ZERO_VALUE },",
        "(buf.validate.field) = { string: { max_len: 9 pattern: \"^(?:[A-Z]+)$\" } ignore: "
        "IGNORE_IF_ZERO_VALUE }",
        "(buf.validate.field) = { string: { max_len: 254 pattern: \"^(?:[a-zA-Z0-9.!#",
        "(buf.validate.field) = { int32: { lt: 9 gte: 1 } }",
        "repeated: { max_items: 2 items: { string: { in: [ \"a\", \"b\" ] } } }",
        "(buf.validate.field) = { double: { gte: 0.5 finite: true } }",
        "(buf.validate.field) = {timestamp: {gt: {seconds: 1577836800}}}",
        "string note = 8 [(google.api.field_behavior) = REQUIRED];"}) {
    EXPECT_THAT(flat, HasSubstr(rule));
  }
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// A hundred lines of tables become megabytes of API.
TEST(Generate, WhatItWritesItReads) {
  std::string text = "syntax = \"proto3\"; package t; import \"tenantry/v1/options.proto\";\n";
  for (int i = 0; i < 300; ++i) {
    text += "message Item" + std::to_string(i) +
            " { option (tenantry.v1.table) = { number: " + std::to_string(i + 1) +
            " }; string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; string a = 2; }\n";
  }
  SourceDirectory directory(Files{{"t/item.proto", text}});
  auto schema = MustLoad(directory.path());
  std::vector<std::string> changed;
  ASSERT_TRUE(WriteGeneratedFiles(*schema, directory.path(), &changed).ok());
  const auto largest = std::max_element(
      schema->generated_files().begin(), schema->generated_files().end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  EXPECT_GT(largest->second.size(), 4u << 20);
  auto stale = StaleFiles(*schema, directory.path());
  ASSERT_TRUE(stale.ok()) << stale.status();
  EXPECT_THAT(*stale, IsEmpty());
  EXPECT_EQ(MustLoad(directory.path())->tables().size(), 300u);
}

TEST(Generate, WritesRewritesAndRemoves) {
  SourceDirectory directory(Files{{"t/item.proto", kItem}});
  auto schema = MustLoad(directory.path());
  const std::vector<std::string> all = {"t/v1/item_service.proto", "t/v1/queries.proto",
                                        "t/v1/resources.proto"};
  EXPECT_EQ(Sorted(*StaleFiles(*schema, directory.path())), all);
  ASSERT_TRUE(WriteGeneratedFiles(*schema, directory.path()).ok());
  for (const auto& [name, text] : schema->generated_files()) {
    EXPECT_EQ(directory.Read(name), text);
  }
  EXPECT_THAT(*StaleFiles(*schema, directory.path()), IsEmpty());
  // What is there is derived anew, whatever state it is in.
  directory.Write("t/v1/item_service.proto",
                  "// Generated by `tenantryd generate` from t/item.proto.\n<<<<<<< broken");
  directory.Write("t/v1/gone_service.proto",
                  "// Generated by `tenantryd generate` from t/gone.proto.\n");
  schema = MustLoad(directory.path());
  std::vector<std::string> changed;
  ASSERT_TRUE(WriteGeneratedFiles(*schema, directory.path(), &changed).ok());
  EXPECT_THAT(changed, ElementsAre("t/v1/gone_service.proto", "t/v1/item_service.proto"));
  EXPECT_FALSE(directory.Has("t/v1/gone_service.proto"));
  EXPECT_THAT(*StaleFiles(*schema, directory.path()), IsEmpty());
}

// Files that nobody generated are the user's: they are read, and never overwritten. What they
// declare beside tables is no part of the API.
TEST(Generate, HandWrittenFiles) {
  std::string service =
      "syntax = \"proto3\";\npackage t.v1;\nmessage Ping {}\n"
      "service PingService {\n  rpc Ping(.t.v1.Ping) returns (.t.v1.Ping);\n}\n";
  SourceDirectory directory(Files{{"item.proto", kItem}, {"t/v1/ping_service.proto", service}});
  auto schema = MustLoad(directory.path());
  EXPECT_EQ(schema->api().FindServiceByName("t.v1.PingService"), nullptr);
  EXPECT_THAT(schema->service_names(), ElementsAre("t.v1.ItemService"));
  ASSERT_TRUE(WriteGeneratedFiles(*schema, directory.path()).ok());
  EXPECT_EQ(directory.Read("t/v1/ping_service.proto"), service);

  EXPECT_THAT(
      tenantry::testing::LintLines({{"item.proto", kItem}, {"t/v1/item_service.proto", service}}),
      ElementsAre("t/v1/item_service.proto: the API is written to this name; move what is "
                  "in it"));
}

}  // namespace
}  // namespace tenantry::schema
