#include "client/cpp/settings.h"

#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::client {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kAcme[] = "01920000-0000-7000-8000-00000000ac3e";

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(::testing::TempDir()) / ("tenantry_settings_" + std::string(info->name()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "project" / "deep" / "er");
    fs::create_directories(root_ / "home" / ".config" / "tenantry");
    environment_["HOME"] = (root_ / "home").string();
  }
  ~SettingsTest() override { fs::remove_all(root_); }

  void Write(const fs::path& file, const std::string& text) { std::ofstream(root_ / file) << text; }

  absl::StatusOr<Settings> Load(const fs::path& folder = "project/deep/er") {
    return LoadSettings(root_ / folder, [this](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    });
  }

  fs::path root_;
  std::map<std::string, std::string> environment_;
};

TEST_F(SettingsTest, NoFileIsNoError) {
  const auto settings = Load();
  ASSERT_TRUE(settings.ok());
  EXPECT_TRUE(settings->servers.empty());
  EXPECT_TRUE(settings->file.empty());
}

TEST_F(SettingsTest, IsFoundInAFolderAbove) {
  Write("project/.tenantry.json", std::string(R"({"server": "unix:/x", "tenants": {"acme": ")") +
                                      kAcme +
                                      R"("}, "user": "ada", "role": "support", "tenant": "acme"})");
  Write("home/.config/tenantry/config.json", R"({"server": "elsewhere:1"})");
  const auto settings = Load();
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->file, root_ / "project/.tenantry.json");
  EXPECT_THAT(settings->servers, ElementsAre("unix:/x"));
  EXPECT_EQ(settings->user, "ada");
  EXPECT_EQ(settings->role, "support");
  EXPECT_EQ(*ResolveTenant(*settings, settings->tenant), kAcme);
}

TEST_F(SettingsTest, TheNearestFileWins) {
  Write("project/.tenantry.json", R"({"user": "far"})");
  Write("project/deep/.tenantry.json", R"({"user": "near"})");
  EXPECT_EQ(Load()->user, "near");
}

TEST_F(SettingsTest, TheHomeFolderIsTheLastResort) {
  Write("home/.config/tenantry/config.json", R"({"server": ["10.0.0.1:1", "10.0.0.2:1"]})");
  EXPECT_THAT(Load()->servers, ElementsAre("10.0.0.1:1", "10.0.0.2:1"));
  environment_["XDG_CONFIG_HOME"] = (root_ / "nowhere").string();
  EXPECT_TRUE(Load()->servers.empty());
}

TEST_F(SettingsTest, TheEnvironmentNamesTheFileAndGoesOverIt) {
  Write("project/.tenantry.json", R"({"user": "search"})");
  Write("named.json", R"({"user": "named", "role": "support"})");
  environment_["TENANTRY_CONFIG"] = (root_ / "named.json").string();
  environment_["TENANTRY_SERVER"] = "10.0.0.1:1,10.0.0.2:1";
  environment_["TENANTRY_ROLE"] = "admin";
  const auto settings = Load();
  EXPECT_EQ(settings->user, "named");
  EXPECT_EQ(settings->role, "admin");
  EXPECT_THAT(settings->servers, ElementsAre("10.0.0.1:1", "10.0.0.2:1"));
}

TEST_F(SettingsTest, SaysWhatIsWrongWithTheFile) {
  const std::map<std::string, std::string> wrong = {
      {"{", "is not a JSON object"},
      {"[]", "is not a JSON object"},
      {R"({"server": 5})", "\"server\" must be"},
      {R"({"user": {}})", "\"user\" must be a string"},
      {R"({"tenants": []})", "\"tenants\" must map"},
      {R"({"tenants": {"acme": "x"}})", "tenant \"acme\" must be a UUID"}};
  for (const auto& [text, message] : wrong) {
    Write("project/.tenantry.json", text);
    const auto settings = Load();
    ASSERT_FALSE(settings.ok()) << text;
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr(message));
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr(".tenantry.json"));
  }
  environment_["TENANTRY_CONFIG"] = (root_ / "missing.json").string();
  EXPECT_THAT(std::string(Load().status().message()), HasSubstr("missing.json: cannot be read"));
}

TEST_F(SettingsTest, ATenantIsANameOrAUuid) {
  Settings settings;
  settings.tenants["acme"] = kAcme;
  EXPECT_EQ(*ResolveTenant(settings, "acme"), kAcme);
  EXPECT_EQ(*ResolveTenant(settings, kAcme), kAcme);
  EXPECT_THAT(std::string(ResolveTenant(settings, "globex").status().message()),
              HasSubstr("known: acme"));
  EXPECT_FALSE(IsUuid("01920000x0000-7000-8000-00000000ac3e"));
  EXPECT_FALSE(IsUuid("01920000-0000-7000-8000-00000000ac3g"));
}

}  // namespace
}  // namespace tenantry::client
