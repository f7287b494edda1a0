#include "server/migrate/push.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<const schema::Schema> Note(const std::string& fields,
                                           const std::string& options = "") {
  auto schema = SchemaFromText(absl::StrCat(
      "message Note { option (tenantry.v1.table) = { number: 1 name: \"notes\" ", options,
      " }; string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; ",
      fields, " }"));
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

class PushTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<std::string>> Go(const schema::Schema& schema, Hazards allow = {}) {
    PushOptions options;
    options.database_url = evolution_.database().owner_url();
    options.migrations_dir = evolution_.directory();
    options.allow = std::move(allow);
    return Push(schema, options);
  }
  void SayDevelopment() {
    const std::string& name = evolution_.database().name();
    evolution_.database().Execute(
        absl::StrCat("ALTER DATABASE ", name, " SET tenantry.environment = 'development'"));
  }
  Evolution evolution_;
};

TEST_F(PushTest, OnlyIntoADatabaseThatSaysItIsForDevelopment) {
  auto refused = Go(*Note("string a = 2;"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("tenantry.environment"));
  // What a client says of its session is not enough.
  PushOptions options;
  options.database_url = absl::StrCat(evolution_.database().owner_url(),
                                      "&options=-c%20tenantry.environment%3Ddevelopment");
  EXPECT_FALSE(Push(*Note("string a = 2;"), options).ok());
  EXPECT_THAT(Dump(evolution_.database()), ::testing::Not(HasSubstr("notes")));
}

TEST_F(PushTest, FollowsTheSchemaAndKeepsItsRows) {
  SayDevelopment();
  auto first = Go(*Note("string a = 2;"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(*first, ElementsAre("notes.notes: new table"));
  evolution_.database().Execute(
      "INSERT INTO notes.notes (tenant_id, a) VALUES (gen_random_uuid(), 'x')");
  auto second_schema = Note("string b = 2; optional int32 n = 3;", "indexes: { columns: \"b\" }");
  auto second = Go(*second_schema);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(Dump(evolution_.database()), FreshDump(*second_schema));
  EXPECT_THAT(*Go(*second_schema), IsEmpty());
  auto third_schema = Note("string b = 2;");
  EXPECT_THAT(std::string(Go(*third_schema).status().message()), HasSubstr("DELETES_DATA"));
  auto third = Go(*third_schema, {Hazard::kDeletesData});
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(Dump(evolution_.database()), FreshDump(*third_schema));
  pqxx::connection connection(evolution_.database().superuser_url());
  EXPECT_EQ(pqxx::nontransaction(connection).query_value<std::string>("SELECT b FROM notes.notes"),
            "x");
}

TEST_F(PushTest, AfterMigrationsAndNoMigrationAfterIt) {
  ASSERT_TRUE(evolution_.Go(*Note("string a = 2;")).ok());
  SayDevelopment();
  auto schema = Note("string a = 2; optional string b = 3;");
  auto pushed = Go(*schema);
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_THAT(*pushed, ElementsAre("notes.notes.b: new column"));
  EXPECT_THAT(std::string(evolution_.Apply().status().message()), HasSubstr("tenantryd push"));
}

TEST_F(PushTest, WhatSomebodyChangedByHandIsToldFirst) {
  SayDevelopment();
  ASSERT_TRUE(Go(*Note("string a = 2;")).ok());
  evolution_.database().Execute("ALTER TABLE notes.notes ADD COLUMN b text");
  auto pushed = Go(*Note("string a = 2; optional string b = 3;"));
  EXPECT_THAT(std::string(pushed.status().message()), HasSubstr("column notes.notes.b is in the"));
}

}  // namespace
}  // namespace tenantry::migrate
