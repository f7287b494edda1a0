#include "server/migrate/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "server/migrate/model.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Folder, SectionsFollowTheMarkers) {
  Migration migration;
  migration.up_sql =
      "-- only a comment\n\n"
      "CREATE TABLE a ();\nCREATE TABLE b ();\n"
      "-- tenantry: outside a transaction\n"
      "DROP INDEX IF EXISTS i;\nCREATE INDEX CONCURRENTLY i\n  ON a (x);\n"
      "-- tenantry: in a transaction\n"
      "SELECT 1;\n";
  std::vector<Section> sections = migration.Sections();
  ASSERT_EQ(sections.size(), 3u);
  EXPECT_TRUE(sections[0].in_transaction);
  EXPECT_THAT(sections[0].statements, ElementsAre(HasSubstr("TABLE b")));
  EXPECT_FALSE(sections[1].in_transaction);
  EXPECT_THAT(sections[1].statements, ElementsAre("DROP INDEX IF EXISTS i;\n",
                                                  "CREATE INDEX CONCURRENTLY i\n  ON a (x);\n"));
  EXPECT_TRUE(sections[2].in_transaction);
}

TEST(Folder, RenderedSectionsComeBack) {
  Migration migration;
  migration.up_sql = RenderUpSql("0002_x", {{"SELECT 1", {}, false},
                                            {"DROP INDEX IF EXISTS i;\nCREATE INDEX i", {}, true},
                                            {"VALIDATE", {"fails when wrong"}, true},
                                            {"SELECT 2", {}, false}});
  std::vector<Section> sections = migration.Sections();
  ASSERT_EQ(sections.size(), 4u);
  EXPECT_EQ(sections[1].statements.size(), 2u);
  EXPECT_FALSE(sections[2].in_transaction);
  EXPECT_TRUE(sections[3].in_transaction);
  EXPECT_THAT(migration.up_sql, HasSubstr("-- Hazard: fails when wrong.\nVALIDATE;"));
}

TEST(Folder, WritesAndReadsBackAndNeverOverwrites) {
  std::string directory = "/tmp/tenantry-folder-" + std::to_string(getpid());
  auto model = ModelOf(test::LoadSchema("proto"));
  ASSERT_TRUE(model.ok());
  ASSERT_TRUE(WriteMigration(directory, "0001_initial", EmitAll(*model), *model).ok());
  EXPECT_EQ(WriteMigration(directory, "0001_initial", {}, *model).code(),
            absl::StatusCode::kAlreadyExists);
  auto migrations = ReadMigrations(directory);
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  ASSERT_EQ(migrations->size(), 1u);
  EXPECT_EQ(migrations->front().name, "0001_initial");
  EXPECT_EQ(migrations->front().checksum.size(), 64u);
  ASSERT_TRUE(migrations->front().snapshot.has_value());
  EXPECT_EQ(migrations->front().snapshot->SerializeAsString(), model->SerializeAsString());
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tenantry::migrate
