// Methods of a schema's services, which are functions of the database.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTable[] =
    "syntax = \"proto3\"; package shop; import \"google/protobuf/empty.proto\"; "
    "import \"google/protobuf/timestamp.proto\"; import \"tenantry/v1/options.proto\";\n"
    "message Book { option (tenantry.v1.table) = {}; string id = 1 [(tenantry.v1.column) = { type: "
    "COLUMN_TYPE_UUID managed: MANAGED_ID }]; string title = 2; }\n"
    "message Copy { string book_id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; int32 count "
    "= 2; }\n";

// `rpc` is of a service, and `messages` are those that it takes and gives.
Files Shop(const std::string& rpc, const std::string& messages) {
  return {{"shop/shop.proto",
           absl::StrCat(kTable, "service LendingService { ", rpc, " }\n", messages)}};
}

std::string Rpc(const std::string& reply, const std::string& more = "") {
  return absl::StrCat("rpc Lend(LendRequest) returns (", reply, ") { ", more,
                      " option (tenantry.v1.function) = {}; }");
}

constexpr char kRequest[] =
    "message LendRequest { string name = 2; repeated Copy copies = 1; repeated int32 days = 3; "
    "string by = 4 [(tenantry.v1.column).type = COLUMN_TYPE_ULID]; }";

std::vector<std::string> ArgumentsOf(const schema::Function& function) {
  std::vector<std::string> arguments;
  for (const schema::Function::Argument& argument : function.arguments) {
    arguments.push_back(absl::StrCat(argument.name, " ", argument.sql_type));
  }
  return arguments;
}

TEST(Functions, ArgumentsComeFromTheRequestByNumber) {
  const SourceDirectory directory(Shop(Rpc("Book"), kRequest));
  const auto schema = MustLoad(directory.path());
  ASSERT_EQ(schema->functions().size(), 1u);
  const schema::Function& lend = schema->functions()[0];
  EXPECT_EQ(lend.sql_name, "\"shop\".\"lend\"");
  EXPECT_EQ(schema::TenantArgument(lend), "p_tenant_id");
  EXPECT_THAT(ArgumentsOf(lend), ElementsAre("p_copies_book_id uuid[]", "p_copies_count integer[]",
                                             "p_name text", "p_days integer[]", "p_by text"));
  EXPECT_EQ(lend.result, &schema->tables()[0]);
  EXPECT_FALSE(lend.read_only);
}

TEST(Functions, TheApiHasTheMethodAndItsMessages) {
  const SourceDirectory directory(Shop(Rpc("Book"), kRequest));
  const auto schema = MustLoad(directory.path());
  const schema::Method& method = schema->methods().back();
  EXPECT_EQ(method.path, "/shop.v1.LendingService/Lend");
  EXPECT_EQ(method.descriptor->output_type()->full_name(), "shop.v1.Book");
  const auto& request = *method.descriptor->input_type();
  EXPECT_EQ(request.FindFieldByNumber(1)->message_type()->full_name(), "shop.v1.Copy");
  EXPECT_EQ(request.FindFieldByNumber(103)->name(), "validate_only");
  EXPECT_EQ(request.FindFieldByNumber(104)->name(), "request_id");
  EXPECT_EQ(schema->api().FindMessageTypeByName("shop.LendRequest"), nullptr);
}

TEST(Functions, AReadHasNoFieldsOfWrites) {
  const SourceDirectory directory(
      Shop(Rpc("LendResponse", "option idempotency_level = NO_SIDE_EFFECTS;"),
           absl::StrCat(kRequest, "message LendResponse { repeated Book books = 1; }")));
  const auto schema = MustLoad(directory.path());
  const schema::Method& method = schema->methods().back();
  EXPECT_TRUE(method.read_only);
  EXPECT_TRUE(schema->functions()[0].many);
  EXPECT_EQ(method.descriptor->input_type()->FindFieldByNumber(103), nullptr);
}

TEST(Functions, NothingIsReturnedOfAFunctionThatIsEmpty) {
  const SourceDirectory directory(Shop(Rpc("google.protobuf.Empty"), kRequest));
  EXPECT_EQ(MustLoad(directory.path())->functions()[0].result, nullptr);
}

struct Mistake {
  const char* rpc;
  std::string messages;
  const char* told;
};

TEST(Functions, WhatCannotBeIsTold) {
  const std::string request = kRequest;
  const Mistake mistakes[] = {
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; } "
       "rpc Return(ReturnRequest) returns (Book);",
       request + "message ReturnRequest {}", "and all are or none"},
      {"rpc Lend(stream LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       request, "it is a stream"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function).name = \"Lend\"; }",
       request, "must be lower_snake_case"},
      {"rpc Lend(Book) returns (Book) { option (tenantry.v1.function) = {}; }", "",
       "the request: shop.Book is a table"},
      {"rpc Lend(google.protobuf.Empty) returns (Book) { option (tenantry.v1.function) = {}; }", "",
       "is not of the package shop"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message LendRequest { string id = 100; }", "numbers from 100 on"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message LendRequest { string tenant_id = 1; }", "has an argument p_tenant_id already"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message LendRequest { message Copy { int32 n = 1; } repeated Copy copies = 1; }",
       "must be a top-level message"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message Loan { repeated int32 days = 1; } message LendRequest { repeated Loan loans = 1; }",
       "cannot be a list itself"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message LendRequest { string id = 1 [(tenantry.v1.column).immutable = true]; }",
       "are for tables"},
      {"rpc Lend(LendRequest) returns (LendResponse) { option (tenantry.v1.function) = {}; }",
       request + "message LendResponse { repeated Book books = 1; }",
       "a function that writes answers with one row"},
      {"rpc Lend(LendRequest) returns (LendResponse) { option (tenantry.v1.function) = {}; }",
       request + "message LendResponse {}", "use google.protobuf.Empty"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; } "
       "rpc Return(LendRequest) returns (Book) { option (tenantry.v1.function).name = \"lend\"; }",
       request, "the function lend is that of shop.LendingService.Lend"},
      {"rpc Lend(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; } "
       "rpc Return(LendRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       request, "the request shop.LendRequest is that of shop.LendingService.Lend"},
      {"rpc Lend(GetBookRequest) returns (Book) { option (tenantry.v1.function) = {}; }",
       "message GetBookRequest { string name = 1; }", "which the table shop.Book derives already"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_THAT(LintLines(Shop(mistake.rpc, mistake.messages)), Contains(HasSubstr(mistake.told)))
        << mistake.rpc << mistake.messages;
  }
  EXPECT_THAT(LintLines(Shop(Rpc("Book"), request)), IsEmpty());
}

// What Load says of the bodies in a folder.
std::string Bodies(const Files& functions) {
  const SourceDirectory schema(Shop(Rpc("Book"), kRequest)), folder(functions);
  auto loaded = schema::Schema::Load({schema.path(), folder.path()});
  if (!loaded.ok()) return std::string(loaded.status().message());
  return (*loaded)->functions()[0].body;
}

TEST(Functions, BodiesAreReadFromTheirFolder) {
  EXPECT_EQ(Bodies({{"lend.sql", "SELECT 1\n"}}), "SELECT 1\n");
  EXPECT_THAT(Bodies({}), HasSubstr("shop.LendingService.Lend: the body of the function is not "
                                    "there"));
  EXPECT_THAT(Bodies({{"lend.sql", "SELECT 1"}, {"land.sql", "SELECT 1"}}),
              HasSubstr("land.sql: no method and no field is bound to a function of this name"));
  EXPECT_THAT(Bodies({{"lend.sql", " \n"}}), HasSubstr("lend.sql is empty"));
  EXPECT_THAT(Bodies({{"lend.sql", "create or replace function f() returns int"}}),
              HasSubstr("write the body alone"));
  EXPECT_THAT(Bodies({{"lend.sql", "SELECT 1\n-- tenantry: outside a transaction\n"}}),
              HasSubstr("as the sections of migrations do"));
}

}  // namespace
}  // namespace tenantry::testing
