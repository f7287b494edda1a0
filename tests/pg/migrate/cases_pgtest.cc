// Every kind of change: a table with rows, the migration as reviewed (tests/golden/migrate/cases),
// and a database in the end that is the one made from scratch, with the rows in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/pg/migrate/cases.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/pg/migrate/notes.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::HasSubstr;

class CasesTest : public ::testing::TestWithParam<Case> {};

void CompareWithGolden(const std::string& name, const std::string& sql) {
  const std::string path =
      test::SourcePath(absl::StrCat("tests/golden/migrate/cases/", name, ".sql"));
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << sql;
  }
  EXPECT_EQ(sql, test::ReadFile(path));
}

TEST_P(CasesTest, RowsAreKeptAndTheDatabaseIsAsNew) {
  const Case& test = GetParam();
  auto before = SchemaFromText(test.before);
  ASSERT_TRUE(before.ok()) << before.status();
  auto after = SchemaFromText(test.after);
  ASSERT_TRUE(after.ok()) << after.status();
  Evolution evolution;
  auto made = evolution.Go(**before);
  ASSERT_TRUE(made.ok()) << made.status();
  evolution.database().Execute(
      absl::StrReplaceAll(test.rows, {{"$T", "01920000-0000-7000-8000-00000000ac3e"}}));

  auto generated = Generate(
      **after, {.directory = evolution.directory(), .label = test.name, .allow = AllowAll()});
  ASSERT_TRUE(generated.ok()) << generated.status();
  const std::string up = evolution.UpSql(generated->name);
  CompareWithGolden(test.name, up);
  auto applied = evolution.Apply();
  ASSERT_TRUE(applied.ok()) << applied.status() << "\n" << up;
  pqxx::connection connection(evolution.database().superuser_url());
  EXPECT_EQ(pqxx::nontransaction(connection).query_value<std::string>(test.question), test.answer);
  EXPECT_EQ(Dump(evolution.database()), FreshDump(**after)) << up;
  EXPECT_TRUE(CheckMigrations(**after, evolution.directory()).ok());
}

INSTANTIATE_TEST_SUITE_P(Changes, CasesTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return std::string(info.param.name); });

// Row-level security hides all rows from the owner, as whom migrations run. PostgreSQL would take a
// foreign key for validated.
TEST(Validation, AForeignKeyThatRowsBreakIsFoundUnderForcedRowSecurity) {
  const std::string tags = Message("Tag", "number: 2 name: \"tags\"", kReference);
  auto before = SchemaFromText(Note("string text = 2;") + tags);
  auto after = SchemaFromText(Note("string text = 2;") + Tag(kToNote, kNoteIndex));
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(**before).ok());
  evolution.database().Execute(
      "INSERT INTO notes.tags (tenant_id, note_id) VALUES (gen_random_uuid(), gen_random_uuid())");
  auto gone = evolution.Go(**after);
  EXPECT_THAT(std::string(gone.status().message()), HasSubstr("tags_note_id_fkey"));
  evolution.database().Execute("DELETE FROM notes.tags");
  auto again = evolution.Apply();
  EXPECT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Dump(evolution.database()), FreshDump(**after));
}

}  // namespace
}  // namespace tenantry::migrate
