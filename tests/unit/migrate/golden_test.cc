// The migrations that ship with the SaaS schema, and the SQL made from another schema.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/migrate/diagram.h"
#include "server/migrate/emit.h"
#include "server/migrate/folder.h"
#include "server/migrate/generate.h"
#include "server/migrate/model.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {
namespace {

TEST(Golden, MigrationsLeadToTheSchema) {
  absl::Status status =
      CheckMigrations(test::LoadSchema("proto"), test::SourcePath("sql/migrations"));
  EXPECT_TRUE(status.ok()) << status;
}

// TENANTRY_UPDATE_GOLDEN=1 writes it anew.
TEST(Golden, SqlOfAForeignSchema) {
  std::string path = test::SourcePath("tests/golden/migrate/ledger.sql");
  auto model = ModelOf(test::LoadSchema("tests/support/schemas"));
  ASSERT_TRUE(model.ok()) << model.status();
  std::string sql = RenderUpSql({.name = "0001_initial", .statements = EmitAll(*model)});
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << sql;
  }
  EXPECT_EQ(sql, test::ReadFile(path));
}

TEST(Golden, DiagramsOfTheSaasSchema) {
  const auto diagrams = Diagrams(test::LoadSchema("proto"));
  EXPECT_EQ(diagrams.size(), 4u);
  for (const auto& [name, text] : diagrams) {
    const std::string path = test::SourcePath("tests/golden/migrate/" + name + ".mermaid");
    if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(std::filesystem::path(path).parent_path());
      std::ofstream(path) << text;
    }
    EXPECT_EQ(text, test::ReadFile(path));
  }
}

}  // namespace
}  // namespace tenantry::migrate
