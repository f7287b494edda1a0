#include "server/base/config.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/setting_file.h"

namespace tenantry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class TempFile {
 public:
  explicit TempFile(const std::string& text)
      : path_(testing::TempDir() + "config_test." + std::to_string(getpid()) + "." +
              std::to_string(++made_)) {
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  static inline int made_ = 0;
  std::string path_;
};

Environment From(std::map<std::string, std::string> variables) {
  auto kept = std::make_shared<std::map<std::string, std::string>>(std::move(variables));
  return [kept](const char* name) -> const char* {
    auto it = kept->find(name);
    return it == kept->end() ? nullptr : it->second.c_str();
  };
}

TEST(Config, DefaultsWithoutAnySource) {
  auto config = ResolveConfig({}, From({}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->page_size_default, 50);
  EXPECT_TRUE(config->prepared_statements);
}

TEST(Config, FlagOverEnvironmentOverFile) {
  TempFile file("# a comment\nlanes = 3\ndepth-max=7\n\n queue-max = \"9\"\n");
  auto config = ResolveConfig({{"config-file", file.path()}, {"lanes", "5"}},
                              From({{"TENANTRY_LANES", "4"}, {"TENANTRY_DEPTH_MAX", "8"}}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->lanes, 5);
  EXPECT_EQ(config->depth_max, 8);
  EXPECT_EQ(config->queue_max, 9);
}

TEST(Config, ReadsSecretsFromFiles) {
  TempFile secret("postgresql://app:pw@db/x\n");
  auto config = ResolveConfig({}, From({{"TENANTRY_DATABASE_URL_FILE", secret.path()}}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database_url, "postgresql://app:pw@db/x");
  EXPECT_THAT(config->files, ElementsAre(Pair("database-url", secret.path())));
}

TEST(Config, AFlagIsNotReadAgainFromAFile) {
  TempFile secret("postgresql://app:pw@db/x\n");
  auto config = ResolveConfig({{"database-url", "postgresql://other"}},
                              From({{"TENANTRY_DATABASE_URL_FILE", secret.path()}}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database_url, "postgresql://other");
  EXPECT_THAT(config->files, IsEmpty());
}

TEST(SettingFile, SaysWhatTheFileSaysNow) {
  TempFile secret("one\n");
  SettingFile value(secret.path(), "one");
  EXPECT_EQ(value.Read(), "one");
  std::ofstream(secret.path()) << "two\n";
  EXPECT_EQ(value.Read(), "two");
}

TEST(SettingFile, KeepsTheLastGoodValue) {
  TempFile secret("one");
  SettingFile value(secret.path(), "zero");
  EXPECT_EQ(value.Read(), "one");
  std::ofstream(secret.path()) << "\n";
  EXPECT_EQ(value.Read(), "one") << "somebody is writing it";
  std::filesystem::remove(secret.path());
  EXPECT_EQ(value.Read(), "one");
  EXPECT_EQ(SettingFile("/nowhere/at/all", "zero").Read(), "zero");
  std::ofstream(secret.path()) << "two";
  EXPECT_EQ(value.Read(), "two");
}

TEST(Config, SplitsLists) {
  auto config = ResolveConfig({{"listen", "127.0.0.1:0, unix:/run/t.sock"}}, From({}));
  ASSERT_TRUE(config.ok());
  EXPECT_THAT(config->listen, ElementsAre("127.0.0.1:0", "unix:/run/t.sock"));
}

TEST(Config, TellsEverythingThatIsWrongAtOnce) {
  TempFile file("no-such = 1\nlanes\n");
  auto config = ResolveConfig({{"lanes", "0"}, {"log-level", "loud"}},
                              From({{"TENANTRY_CONFIG_FILE", file.path()},
                                    {"TENANTRY_PREPARED_STATEMENTS", "maybe"},
                                    {"TENANTRY_QUEUE_MAX", "12x"},
                                    {"TENANTRY_DATABASE_URL_FILE", "/nowhere/at/all"}}));
  ASSERT_FALSE(config.ok());
  std::string message(config.status().message());
  EXPECT_THAT(message, HasSubstr(":1: no such setting: no-such"));
  EXPECT_THAT(message, HasSubstr(":2: no value: lanes"));
  EXPECT_THAT(message, HasSubstr("--lanes: must be a whole number in 1..64"));
  EXPECT_THAT(message, HasSubstr("--log-level: must be one of debug|info|warn|error|off"));
  EXPECT_THAT(message, HasSubstr("TENANTRY_PREPARED_STATEMENTS: must be true or false"));
  EXPECT_THAT(message, HasSubstr("TENANTRY_QUEUE_MAX: must be a whole number"));
  EXPECT_THAT(message, HasSubstr("TENANTRY_DATABASE_URL_FILE: cannot read"));
}

TEST(Config, ARolePrefixIsTheBeginningOfAName) {
  for (const char* prefix : {"", "crm_", "a1", "_x"}) {
    EXPECT_TRUE(ResolveConfig({{"role-prefix", prefix}}, From({})).ok()) << prefix;
  }
  for (const char* prefix : {"pg_", "Crm", "1a", "a-b", "a\"b"}) {
    auto config = ResolveConfig({{"role-prefix", prefix}}, From({}));
    EXPECT_THAT(std::string(config.status().message()), HasSubstr("role-prefix: must be"))
        << prefix;
  }
  EXPECT_TRUE(ResolveConfig({{"role-prefix", std::string(49, 'a')}}, From({})).ok());
  EXPECT_FALSE(ResolveConfig({{"role-prefix", std::string(50, 'a')}}, From({})).ok());
}

TEST(Config, PlanCostsAreOfRoles) {
  auto config = ResolveConfig({{"plan-cost-max", "authenticated=5000, *=1e6"}}, From({}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(ParseRoleCost(config->plan_cost_max[0])->cost, 5000);
  EXPECT_EQ(ParseRoleCost(config->plan_cost_max[1])->role, "*");
  for (const char* wrong :
       {"5000", "=5", "admin=", "admin=much", "admin=0", "admin=-1", "a=1=2", "admin=nan"}) {
    config = ResolveConfig({{"plan-cost-max", wrong}}, From({}));
    EXPECT_THAT(std::string(config.status().message()),
                HasSubstr("plan-cost-max: must be role=cost"))
        << wrong;
  }
}

TEST(Config, TableIsWellFormed) {
  std::set<std::string_view> names;
  for (const Setting& setting : Settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.doc.empty());
    EXPECT_EQ(setting.doc.back(), '.') << setting.name;
    // The default must pass its own check.
    if (!setting.default_text().empty()) {
      EXPECT_TRUE(
          ResolveConfig({{std::string(setting.name), setting.default_text()}}, From({})).ok())
          << setting.name;
    }
    EXPECT_THAT(SettingsAsMarkdown(), HasSubstr("`" + setting.environment() + "`"));
  }
}

TEST(Config, SettingsAreAsDocumented) {
  // TENANTRY_UPDATE_GOLDEN=1 rewrites the file.
  const char* source = std::getenv("TENANTRY_SOURCE_DIR");
  const std::string path = std::string(source ? source : ".") + "/tests/golden/config/settings.md";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << SettingsAsMarkdown();
  std::ifstream file(path);
  std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(SettingsAsMarkdown(), golden);
}

TEST(Config, HelpListsTheGroupsAskedFor) {
  CLI::App app;
  SettingValues given;
  constexpr std::string_view kGroups[] = {"Database", "Logs"};
  AddSettingFlags(app, given, kGroups);
  std::string help = app.help();
  EXPECT_THAT(help, HasSubstr("--config-file"));
  for (const Setting& setting : Settings()) {
    bool wanted = setting.group == "Database" || setting.group == "Logs";
    EXPECT_EQ(help.find("--" + std::string(setting.name) + " ") != std::string::npos, wanted)
        << setting.name;
  }
  app.parse("--lanes 3 --log-level=debug");
  EXPECT_EQ(given["lanes"], "3");
  EXPECT_EQ(given["log-level"], "debug");
}

}  // namespace
}  // namespace tenantry
