// The API apart from the schema: what goes into it, what stays private, where its package comes
// from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/breaking.h"
#include "server/schema/generate.h"
#include "server/schema/schema.h"
#include "tenantry/v1/api.pb.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using tenantry::testing::Files;
using tenantry::testing::LintLines;
using tenantry::testing::MustLoad;
using tenantry::testing::SaasSchema;
using tenantry::testing::SourceDirectory;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kUsers[] = R"(syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "tenantry/v1/options.proto";

// Who may log in.
message User {
  option (tenantry.v1.table) = {
    number: 1
    unique: {number: 2 columns: "email"}
    unique: {number: 3 columns: "legacy"}
    policies: {name: "users_own" using: "legacy <> 'top secret'"}
    relations: {name: "team" number: 9 table: "Team" columns: "team_id"}
    indexes: {columns: "team_id"}
  };
  enum Level {
    LEVEL_UNSPECIFIED = 0;
    // May read.
    LEVEL_READER = 1;
  }
  reserved 20, 30 to 40;
  reserved "nickname";

  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: MANAGED_ID}];
  // Where mail goes.
  string email = 2 [(tenantry.v1.column).max_length = 200];
  string password_hash = 3 [(tenantry.v1.column).visibility = VISIBILITY_INPUT_ONLY];
  optional string legacy = 4 [(tenantry.v1.column).visibility = VISIBILITY_HIDDEN];
  Level level = 5 [(tenantry.v1.column).default_value = "LEVEL_READER"];
  string team_id = 6 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID immutable: true}];
  google.protobuf.Timestamp created_at = 7 [(tenantry.v1.column).managed = MANAGED_CREATE_TIME];
}
)";

constexpr char kTeams[] = R"(syntax = "proto3";
package shop;
import "tenantry/v1/options.proto";
message Team {
  option (tenantry.v1.table) = {
    number: 2
    relations: {name: "users" number: 3 table: "User" columns: "id" references: "team_id" many: true}
  };
  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: MANAGED_ID}];
  string name = 2 [(tenantry.v1.column).max_length = 50];
}
)";

Files Shop() { return {{"shop/users.proto", kUsers}, {"shop/teams.proto", kTeams}}; }

std::vector<google::api::FieldBehavior> Behavior(const pb::FieldDescriptor* field) {
  pb::FieldOptions options;
  options.ParseFromString(field->options().SerializeAsString());
  std::vector<google::api::FieldBehavior> behavior;
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    behavior.push_back(options.GetExtension(google::api::field_behavior, i));
  }
  return behavior;
}

TEST(Api, NamesNothingOfTheSchema) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  EXPECT_EQ(schema->api_package(), "shop.v1");
  EXPECT_EQ(schema->api().FindFileByName("shop/users.proto"), nullptr);
  EXPECT_EQ(schema->api().FindFileByName("tenantry/v1/options.proto"), nullptr);
  std::vector<std::string> names;
  for (const auto& [name, text] : schema->generated_files()) {
    names.push_back(name);
    EXPECT_THAT(text, AllOf(Not(HasSubstr("options.proto")), Not(HasSubstr("legacy")),
                            Not(HasSubstr("secret")), Not(HasSubstr("policies"))));
  }
  EXPECT_THAT(names,
              UnorderedElementsAre("shop/v1/resources.proto", "shop/v1/queries.proto",
                                   "shop/v1/users_service.proto", "shop/v1/teams_service.proto"));
}

TEST(Api, ResourcesHaveColumnsAndRelations) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  const Table& user = *schema->FindTable("shop.User");
  const pb::Descriptor& resource = *user.resource;
  EXPECT_EQ(resource.full_name(), "shop.v1.User");
  EXPECT_EQ(resource.FindFieldByNumber(4), nullptr) << "a hidden column";
  EXPECT_TRUE(resource.IsReservedNumber(4)) << "its number is not for anything else";
  EXPECT_TRUE(resource.IsReservedNumber(35));
  EXPECT_TRUE(resource.IsReservedName("nickname"));
  const pb::FieldDescriptor* team = resource.FindFieldByNumber(9);
  EXPECT_EQ(team, user.relations[0].api);
  EXPECT_EQ(team->message_type(), schema->FindTable("shop.Team")->resource);
  // The other way round, in another file of the schema.
  const Relation& users = schema->FindTable("shop.Team")->relations[0];
  EXPECT_TRUE(users.api->is_repeated());
  EXPECT_EQ(users.api->message_type(), &resource);
  const pb::EnumDescriptor* level = resource.FindFieldByName("level")->enum_type();
  EXPECT_EQ(level->full_name(), "shop.v1.User.Level");
  EXPECT_EQ(user.FindColumn("level")->enum_type->api, level);
}

TEST(Api, FieldsSayWhatTheyAreFor) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  const pb::Descriptor& user = *schema->FindTable("shop.User")->resource;
  auto behavior = [&](const char* field) { return Behavior(user.FindFieldByName(field)); };
  EXPECT_THAT(behavior("email"), ElementsAre(google::api::REQUIRED));
  EXPECT_THAT(behavior("password_hash"),
              ElementsAre(google::api::REQUIRED, google::api::INPUT_ONLY));
  EXPECT_THAT(behavior("team_id"), ElementsAre(google::api::REQUIRED, google::api::IMMUTABLE));
  EXPECT_THAT(behavior("level"), ElementsAre(google::api::NON_EMPTY_DEFAULT));
  EXPECT_THAT(behavior("created_at"), ElementsAre(google::api::OUTPUT_ONLY));
}

TEST(Api, CommentsComeAlong) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  const std::string& text = schema->generated_files()[0].second;
  for (const char* comment : {"// Who may log in.\nmessage User", "  // Where mail goes.\n",
                              "    // May read.\n    LEVEL_READER = 1;"}) {
    EXPECT_THAT(text, HasSubstr(comment));
  }
}

// What replies never hold cannot be asked for by way of a filter, an order or a key.
TEST(Api, WhatIsNotReadableIsNotFilteredOrKeyed) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  const pb::Descriptor* filter = schema->api().FindMessageTypeByName("shop.v1.UserFilter");
  EXPECT_EQ(filter->FindFieldByName("password_hash"), nullptr);
  EXPECT_EQ(filter->FindFieldByName("legacy"), nullptr);
  EXPECT_NE(filter->FindFieldByName("email"), nullptr);
  const pb::EnumDescriptor* keys = schema->api().FindEnumTypeByName("shop.v1.UserKey");
  EXPECT_NE(keys->FindValueByNumber(2), nullptr);
  EXPECT_EQ(keys->FindValueByNumber(3), nullptr);
}

// What a schema lets nobody read is not read, or guessed, by way of another table's relations.
TEST(Api, RelationsToATableThatNoMethodReadsAreNeitherSelectedNorFiltered) {
  Files files = Shop();
  files["shop/users.proto"] = absl::StrReplaceAll(
      files["shop/users.proto"], {{"number: 1\n", "number: 1\n methods: METHOD_KIND_CREATE\n"}});
  SourceDirectory directory(files);
  auto schema = MustLoad(directory.path());
  for (const char* message : {"shop.v1.TeamFilter", "shop.v1.TeamSelect"}) {
    const pb::Descriptor* type = schema->api().FindMessageTypeByName(message);
    ASSERT_NE(type, nullptr) << message;
    EXPECT_EQ(type->FindFieldByName("users"), nullptr) << message;
  }
  for (const char* message : {"shop.v1.UserFilter", "shop.v1.UserListFilter", "shop.v1.UserSelect",
                              "shop.v1.UserListSelect", "shop.v1.UserLevelFilter"}) {
    EXPECT_EQ(schema->api().FindMessageTypeByName(message), nullptr) << message;
  }
  // Those of tables that are read are there, and only where a relation has use for them.
  SourceDirectory all(Shop());
  auto whole = MustLoad(all.path());
  EXPECT_NE(whole->api().FindMessageTypeByName("shop.v1.UserListSelect"), nullptr);
  EXPECT_EQ(whole->api().FindMessageTypeByName("shop.v1.TeamListSelect"), nullptr);
}

Files With(const std::string& file, const std::string& from, const std::string& to) {
  Files files = Shop();
  for (auto& [name, text] : files) {
    if (name == file) text = absl::StrReplaceAll(text, {{from, to}});
  }
  return files;
}

TEST(Api, Packages) {
  const std::string database =
      "import \"tenantry/v1/options.proto\";\noption (tenantry.v1.database)"
      ".api_package = \"";
  auto named = [&](const std::string& package) {
    return With("shop/teams.proto", "import \"tenantry/v1/options.proto\";",
                absl::StrCat(database, package, "\";"));
  };
  SourceDirectory directory(named("com.shop.api.v2"));
  auto schema = MustLoad(directory.path());
  EXPECT_EQ(schema->api_package(), "com.shop.api.v2");
  EXPECT_EQ(schema->generated_files()[0].first, "com/shop/api/v2/resources.proto");

  EXPECT_THAT(LintLines(named("shop")), ElementsAre(HasSubstr("is the package of the schema")));
  EXPECT_THAT(LintLines(named("Not a package")), ElementsAre(HasSubstr("is no package's name")));
  EXPECT_THAT(LintLines(named("tenantry.v1")),
              ElementsAre(HasSubstr("is not the schema's to use")));
  Files two = named("a.v1");
  two["more.proto"] = absl::StrCat("syntax = \"proto3\";\npackage shop;\n", database, "b.v1\";\n");
  EXPECT_THAT(LintLines(two), ElementsAre(HasSubstr("a schema has one API")));
  EXPECT_THAT(
      LintLines({{"t.proto", absl::StrReplaceAll(kTeams, {{"package shop", "package shop.v3"},
                                                          {"relations", "//"}})}}),
      ElementsAre(HasSubstr("ends in a version, which belongs to the API")));
}

TEST(Api, TablesOfSeveralPackagesNeedAName) {
  Files files = {
      {"a.proto",
       absl::StrReplaceAll(kTeams, {{"package shop", "package a"}, {"relations", "//"}})},
      {"b.proto", absl::StrReplaceAll(kTeams, {{"package shop", "package b"},
                                               {"relations", "//"},
                                               {"number: 2", "number: 5 name: \"squads\""}})}};
  EXPECT_THAT(LintLines(files), ElementsAre(HasSubstr("there are tables in the packages")));
  files["a.proto"] = absl::StrReplaceAll(
      files["a.proto"], {{"options.proto\";",
                          "options.proto\";\noption (tenantry.v1.database).api_package = \"c\";"}});
  // Two messages of one name meet in the API.
  const std::string errors = absl::StrJoin(LintLines(files), "\n");
  EXPECT_THAT(errors, HasSubstr("`c.Team`, which the table a.Team derives already: rename one"));
}

TEST(Api, WhatCannotBeIsAnErrorWithItsRemedy) {
  auto team = [](const std::string& from, const std::string& to) {
    return absl::StrJoin(LintLines(With("shop/teams.proto", from, to)), "\n");
  };
  EXPECT_THAT(
      team("number: 3 table", "table"),
      HasSubstr("relation users: give it a `number`, such as 3: it becomes a field of Team"));
  EXPECT_THAT(team("number: 3 table", "number: 2 table"), HasSubstr("number 2 is that of name"));
  EXPECT_THAT(team("number: 3 table", "number: 19500 table"), HasSubstr("cannot be a field's"));
  EXPECT_THAT(team("\"users\" number", "\"name\" number"), HasSubstr("field name has this name"));
  EXPECT_THAT(team("    number: 2\n", "    number: 1\n"),
              HasSubstr("number 1 is that of the table"));
  auto user = [](const std::string& from, const std::string& to) {
    return absl::StrJoin(LintLines(With("shop/users.proto", from, to)), "\n");
  };
  EXPECT_THAT(user("optional string legacy", "string legacy"),
              HasSubstr("a hidden column allows NULL or has a default_value"));
  EXPECT_THAT(user("managed: MANAGED_ID}", "visibility: VISIBILITY_INPUT_ONLY}"),
              HasSubstr("a primary key column is in the API"));
  EXPECT_THAT(user("email = 2 [", "email = 2 [json_name = \"mail\", "),
              HasSubstr("remove json_name"));
  EXPECT_THAT(user("number: 9 table", "number: 35 table"), HasSubstr("number 35 is reserved"));
  Files services = Shop();
  services["more/teams.proto"] = absl::StrReplaceAll(
      kTeams,
      {{"message Team", "message Squad"}, {"number: 2\n", "number: 7\n"}, {"relations", "//"}});
  EXPECT_THAT(absl::StrJoin(LintLines(services), "\n"), HasSubstr("rename one of the two files"));
}

// --- what breaks clients

std::vector<std::string> Breaks(const std::string& file, const std::string& from,
                                const std::string& to) {
  SourceDirectory directory(Shop());
  EXPECT_TRUE(WriteGeneratedFiles(*MustLoad(directory.path()), directory.path()).ok());
  for (const auto& [name, text] : With(file, from, to)) directory.Write(name, text);
  auto found = BreakingChanges(*MustLoad(directory.path()), directory.path());
  EXPECT_TRUE(found.ok()) << found.status();
  return *found;
}

std::vector<std::string> BreaksUsers(const std::string& from, const std::string& to) {
  return Breaks("shop/users.proto", from, to);
}

TEST(Breaking, WhatClientsDoNotFeel) {
  EXPECT_THAT(BreaksUsers("Who may log in", "Who may come in"), IsEmpty());
  EXPECT_THAT(BreaksUsers("max_length = 200", "max_length = 300"), IsEmpty());
  EXPECT_THAT(BreaksUsers("reserved 20", "optional string note = 8;\n  reserved 20"), IsEmpty());
  EXPECT_THAT(BreaksUsers("legacy = 4 [(", "legacy = 4 [(tenantry.v1.column).name = \"old\", ("),
              IsEmpty());
  SourceDirectory fresh(Shop());
  EXPECT_THAT(*BreakingChanges(*MustLoad(fresh.path()), fresh.path()), IsEmpty());
}

TEST(Breaking, WhatClientsDoFeel) {
  EXPECT_THAT(BreaksUsers("string email", "optional string email"),
              ElementsAre("shop.v1.User.email: is optional now, which was neither repeated nor "
                          "optional"));
  EXPECT_THAT(BreaksUsers("max_length = 200", "max_length = 100"),
              ElementsAre("shop.v1.User.email: takes at most 100 characters now"));
  EXPECT_THAT(BreaksUsers("reserved 20", "string note = 8;\n  reserved 20"),
              ElementsAre("shop.v1.User.note: is new and required"));
  EXPECT_THAT(BreaksUsers("LEVEL_READER = 1;", "LEVEL_READER = 1;\n    LEVEL_OTHER = 2;"),
              IsEmpty());
  EXPECT_THAT(BreaksUsers("LEVEL_READER", "LEVEL_VIEWER"),
              ElementsAre("shop.v1.User.Level.LEVEL_READER: is called LEVEL_VIEWER now"));
  EXPECT_THAT(BreaksUsers("[(tenantry.v1.column).max_length = 200]",
                          "[(tenantry.v1.column) = {max_length: 200 immutable: true}]"),
              ElementsAre("shop.v1.User.email: cannot be changed any more"));
  EXPECT_THAT(BreaksUsers("string password_hash = 3", "bytes password_hash = 3"),
              ElementsAre("shop.v1.User.password_hash: is of type bytes now, which was string"));
  EXPECT_THAT(
      BreaksUsers("number: 1\n", "number: 1\n methods: [METHOD_KIND_GET, METHOD_KIND_LIST]\n"),
      ::testing::Contains("shop.v1.UserService.DeleteUser: is gone"));
}

TEST(Breaking, RenamesAndRemovals) {
  const auto renamed = BreaksUsers("email", "mail");
  EXPECT_THAT(renamed, ::testing::Contains("shop.v1.User.email: is called mail now"));
  const auto hidden = BreaksUsers("[(tenantry.v1.column).max_length = 200]",
                                  "[(tenantry.v1.column) = {max_length: 200 default_value: \"x\" "
                                  "visibility: VISIBILITY_HIDDEN}]");
  EXPECT_THAT(hidden, ::testing::Contains("shop.v1.User.email: is gone"));
}

TEST(Breaking, WhatCannotBeReadIsAnError) {
  SourceDirectory directory(Shop());
  auto schema = MustLoad(directory.path());
  ASSERT_TRUE(WriteGeneratedFiles(*schema, directory.path()).ok());
  directory.Write("shop/v1/resources.proto",
                  "// Generated by `tenantryd generate`\n<<<<<<< HEAD\n");
  EXPECT_THAT(std::string(BreakingChanges(*schema, directory.path()).status().message()),
              HasSubstr("shop/v1/resources.proto:"));
}

// --- what a client needs

TEST(Protos, EverythingThatAClientNeeds) {
  SourceDirectory directory(Shop()), out;
  auto schema = MustLoad(directory.path());
  ASSERT_TRUE(WriteClientFiles(*schema, out.path() + "/deep").ok());
  for (const auto& [name, text] : schema->generated_files()) {
    EXPECT_EQ(out.Read("deep/" + name), text);
  }
  // Whatever an API file imports is there, or is google/protobuf's.
  for (const auto& [name, text] : schema->generated_files()) {
    const pb::FileDescriptor* file = schema->api().FindFileByName(name);
    for (int i = 0; i < file->dependency_count(); ++i) {
      const std::string& import = file->dependency(i)->name();
      EXPECT_TRUE(import.starts_with("google/protobuf/") || out.Has("deep/" + import)) << import;
    }
  }
  EXPECT_TRUE(out.Has("deep/google/rpc/error_details.proto"));
  EXPECT_FALSE(out.Has("deep/tenantry/v1/options.proto"));
  EXPECT_FALSE(out.Has("deep/shop/users.proto"));
  // A table that is gone takes its files along; nobody else's files are touched.
  out.Write("deep/mine.proto", "syntax = \"proto3\";\n");
  std::filesystem::remove(directory.path() + "/shop/users.proto");
  directory.Write("shop/teams.proto", absl::StrReplaceAll(kTeams, {{"relations", "//"}}));
  ASSERT_TRUE(WriteClientFiles(*MustLoad(directory.path()), out.path() + "/deep").ok());
  EXPECT_FALSE(out.Has("deep/shop/v1/users_service.proto"));
  EXPECT_TRUE(out.Has("deep/mine.proto"));
}

}  // namespace
}  // namespace tenantry::schema
