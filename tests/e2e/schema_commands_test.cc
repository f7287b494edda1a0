// The schema's commands as programs: what they print, write and end with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "tests/e2e/command.h"
#include "tests/support/test_database.h"

namespace tenantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class SchemaCommandsTest : public ::testing::Test {
 protected:
  SchemaCommandsTest() {
    char name[] = "/tmp/tenantry-commands-XXXXXX";
    folder_ = mkdtemp(name);
    Write("text <> 'x'");
  }
  ~SchemaCommandsTest() override { fs::remove_all(folder_); }

  // A table with a policy whose condition is this one.
  void Write(const std::string& condition) {
    fs::create_directories(folder_ / "proto/notes");
    std::ofstream(folder_ / "proto/notes/notes.proto")
        << "syntax = \"proto3\";\npackage notes;\nimport \"tenantry/v1/options.proto\";\n"
        << "message Note {\n  option (tenantry.v1.table) = {\n    number: 1 name: \"notes\"\n"
        << "    policies: { name: \"own\" using: \"" << condition << "\" }\n  };\n"
        << "  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: "
           "MANAGED_ID}];\n"
        << "  string text = 2;\n}\n";
  }
  CommandResult Run(std::vector<std::string> words) {
    words.insert(words.begin(), "tenantryd");
    return RunCommand(words, {{"TENANTRY_SCHEMA", (folder_ / "proto").string()},
                              {"TENANTRY_MIGRATIONS", (folder_ / "migrations").string()}});
  }
  static std::string ReadAll(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  fs::path folder_;
};

TEST_F(SchemaCommandsTest, AScratchDatabaseTriesConditionsAndKeepsNothing) {
  const auto database = CreateBootstrappedDatabase();
  const std::string url = database->owner_url();
  Write("text = no_such_function(1)");
  CommandResult refused = Run({"generate", "--scratch-database", url});
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("policy own of notes.notes: "));
  EXPECT_THAT(refused.err, HasSubstr("no_such_function"));
  EXPECT_FALSE(fs::exists(folder_ / "migrations")) << "nothing is written";
  EXPECT_FALSE(fs::exists(folder_ / "proto/notes/v1"));

  // Nobody has looked.
  EXPECT_EQ(Run({"generate"}).exit_code, 0);
  EXPECT_EQ(Run({"check"}).exit_code, 0);
  refused = Run({"check", "--scratch-database", url});
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("no_such_function"));

  Write("text <> 'y'");
  CommandResult written = Run({"generate", "--amend", "--scratch-database", url});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  CommandResult checked = Run({"check", "--scratch-database", url});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("nothing to mend"));
  pqxx::connection connection(database->superuser_url());
  EXPECT_EQ(pqxx::nontransaction(connection)
                .query_value<int>("SELECT count(*) FROM pg_namespace WHERE nspname ~ 'notes'"),
            0)
      << "the database is as it was";
}

TEST_F(SchemaCommandsTest, AScratchDatabaseThatCannotBeReachedIsSaid) {
  CommandResult refused =
      Run({"check", "--scratch-database", "postgresql:///x?host=/nowhere&connect_timeout=1"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("scratch database"));
}

TEST_F(SchemaCommandsTest, TheDiagramIsOneFileThatNeedsNothingElse) {
  const CommandResult result = RunCommand({"tenantryd", "diagram", "--schema", SourcePath("proto"),
                                           "--out", (folder_ / "out").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string page = ReadAll(folder_ / "out/index.html");
  EXPECT_THAT(page, HasSubstr("id=\"saas.contacts\""));
  EXPECT_THAT(page, HasSubstr("data-from=\"saas.orders\" data-to=\"saas.contacts\""));
  EXPECT_THAT(page, HasSubstr("orders.contact is "));
  for (const char* outside : {"src=", "href=\"http", "@import", "url(http", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

}  // namespace
}  // namespace tenantry::test
