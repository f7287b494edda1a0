#include "server/migrate/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/migrate/emit.h"
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
  absl::StatusOr<std::vector<Section>> read = migration.Sections();
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<Section>& sections = *read;
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
  Statement build{"DROP INDEX IF EXISTS i;\nCREATE INDEX i", {}, true};
  Statement fill{"UPDATE t", {Hazard::kCorrectness, Hazard::kDeletesData}, true, true};
  fill.timeout = kLongStatement;
  fill.note = "Fills\nit.";
  migration.up_sql = RenderUpSql({.name = "0002_x",
                                  .statements = {{"SELECT 1"}, build, fill, {"SELECT 2"}},
                                  .changes = {"a.t: new column"}});
  absl::StatusOr<std::vector<Section>> read = migration.Sections();
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<Section>& sections = *read;
  ASSERT_EQ(sections.size(), 4u);
  EXPECT_EQ(sections[1].statements.size(), 2u);
  EXPECT_FALSE(sections[2].in_transaction);
  EXPECT_TRUE(sections[3].in_transaction);
  EXPECT_TRUE(sections[2].in_batches);
  EXPECT_FALSE(sections[1].in_batches);
  EXPECT_EQ(sections[2].statement_timeout, kLongStatement);
  EXPECT_EQ(sections[3].statement_timeout, kShortStatement);
  EXPECT_THAT(migration.up_sql,
              HasSubstr("-- Fills\n-- it.\n-- Hazards: CORRECTNESS, DELETES_DATA\nUPDATE t;"));
  EXPECT_THAT(migration.up_sql, HasSubstr("-- Changes:\n--   a.t: new column\n"));
  EXPECT_THAT(migration.up_sql,
              HasSubstr("--   DELETES_DATA: deletes data for good (1 statement)\n"));
}

TEST(Folder, ALineThatBeginsNoSectionIsRefused) {
  for (const char* line : {"-- tenantry: outside", "-- tenantry: in a transaction, repeated",
                           "-- tenantry: in a transaction, in batches",
                           "-- tenantry: in a transaction, statement timeout soon"}) {
    Migration migration;
    migration.up_sql = std::string("SELECT 1;\n") + line + "\nSELECT 2;\n";
    EXPECT_EQ(migration.Sections().status().code(), absl::StatusCode::kInvalidArgument) << line;
  }
}

TEST(Folder, ASectionOfAnOlderVersionRepeats) {
  Migration migration;
  migration.up_sql = "-- tenantry: outside a transaction, repeated\nUPDATE t;\n";
  auto sections = migration.Sections();
  ASSERT_TRUE(sections.ok()) << sections.status();
  EXPECT_TRUE(sections->front().repeated);
}

TEST(Folder, LineEndsDoNotCount) {
  const std::string directory = "/tmp/tenantry-ends-" + std::to_string(getpid());
  auto write = [&](const std::string& text) {
    std::filesystem::create_directories(directory + "/0001_a");
    std::ofstream(directory + "/0001_a/up.sql", std::ios::binary) << text;
    return ReadMigrations(directory)->front();
  };
  const Migration lf = write("-- tenantry: outside a transaction\nSELECT 1;\n");
  const Migration crlf = write("-- tenantry: outside a transaction\r\nSELECT 1;\r\n");
  EXPECT_EQ(lf.checksum, crlf.checksum);
  EXPECT_EQ(lf.checksum, lf.checksum_of_bytes);
  EXPECT_NE(crlf.checksum, crlf.checksum_of_bytes);
  EXPECT_FALSE(crlf.Sections()->front().in_transaction);
  std::filesystem::remove_all(directory);
}

TEST(Folder, WritesAndReadsBackAndNeverOverwrites) {
  std::string directory = "/tmp/tenantry-folder-" + std::to_string(getpid());
  auto model = ModelOf(test::LoadSchema("proto"));
  ASSERT_TRUE(model.ok());
  const Draft draft{.name = "0001_initial", .statements = EmitAll(*model), .snapshot = *model};
  ASSERT_TRUE(WriteMigration(directory, draft).ok());
  EXPECT_EQ(WriteMigration(directory, draft).code(), absl::StatusCode::kAlreadyExists);
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
