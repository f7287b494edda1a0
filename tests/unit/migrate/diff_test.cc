#include "server/migrate/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/migrate/model.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The fields of message Note besides its id, and what else its table says.
v1::Snapshot Notes(const std::string& fields, const std::string& table = "",
                   const std::string& more = "") {
  auto schema =
      SchemaFromText("message Note { option (tenantry.v1.table) = { name: \"notes\" " + table +
                     "}; string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID "
                     "managed: MANAGED_ID }]; " +
                     fields + "}" + more);
  EXPECT_TRUE(schema.ok()) << schema.status();
  auto model = ModelOf(**schema);
  EXPECT_TRUE(model.ok()) << model.status();
  return *model;
}

std::vector<std::string> SqlOf(const Difference& difference) {
  std::vector<std::string> sql;
  for (const Statement& statement : difference.statements) sql.push_back(statement.sql);
  return sql;
}

TEST(Diff, OfTheSameIsEmpty) {
  EXPECT_TRUE(Diff(Notes("string text = 2;"), Notes("string text = 2;")).empty());
}

TEST(Diff, NewNullableColumnIsAdded) {
  Difference difference = Diff(Notes(""), Notes("optional string text = 2;"));
  EXPECT_THAT(difference.impossible, IsEmpty());
  EXPECT_THAT(SqlOf(difference),
              ElementsAre("ALTER TABLE \"notes\".\"notes\" ADD COLUMN \"text\" text"));
}

// Whoever reads the migration can fill the column between its statements.
TEST(Diff, NewRequiredColumnWithoutDefaultIsAddedInSteps) {
  Difference difference = Diff(Notes(""), Notes("string text = 2;"));
  EXPECT_THAT(SqlOf(difference),
              ElementsAre("ALTER TABLE \"notes\".\"notes\" ADD COLUMN \"text\" text",
                          HasSubstr("CHECK (\"text\" IS NOT NULL) NOT VALID"),
                          HasSubstr("VALIDATE CONSTRAINT \"notes_text_not_null\""),
                          HasSubstr("ALTER COLUMN \"text\" SET NOT NULL"),
                          HasSubstr("DROP CONSTRAINT \"notes_text_not_null\"")));
  EXPECT_THAT(difference.statements[2].hazards, Contains(Hazard::kMayFailOnExistingRows));
  EXPECT_TRUE(difference.statements[2].outside_transaction);
}

TEST(Diff, ANewNameOfAFieldNumberIsARename) {
  Difference difference =
      Diff(Notes("string text = 2;", "unique: { number: 2 columns: \"text\" }"),
           Notes("string body = 2;", "unique: { number: 2 columns: \"body\" }"));
  EXPECT_THAT(difference.impossible, IsEmpty());
  EXPECT_THAT(SqlOf(difference),
              ElementsAre("ALTER INDEX \"notes\".\"notes_text_key\" RENAME TO \"notes_body_key\"",
                          "ALTER TABLE \"notes\".\"notes\" RENAME COLUMN \"text\" TO \"body\""));
}

// --- which table is which

v1::Snapshot Table(const std::string& message, const std::string& options) {
  auto schema = SchemaFromText(absl::StrCat(
      "message ", message, " { option (tenantry.v1.table) = { ", options,
      " }; string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; "
      "string text = 2; }"));
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *ModelOf(**schema);
}

TEST(Diff, ATableIsItsNumberWhateverItsMessageAndItsTableAreCalled) {
  Difference difference = Diff(Table("Note", "number: 4"), Table("Memo", "number: 4"));
  EXPECT_THAT(difference.impossible, IsEmpty());
  EXPECT_EQ(SqlOf(difference)[0], "ALTER TABLE \"notes\".\"notes\" RENAME TO \"memos\"");
  EXPECT_EQ(SqlOf(difference)[2], "COMMENT ON TABLE \"notes\".\"memos\" IS 'notes.Memo'");
  for (const std::string& sql : SqlOf(difference)) {
    EXPECT_THAT(sql, ::testing::Not(HasSubstr("CREATE TABLE")));
  }
}

TEST(Diff, WithoutANumberATableIsItsMessageAndThenItsName) {
  EXPECT_THAT(SqlOf(Diff(Table("Note", "name: \"old\""), Table("Note", "name: \"fresh\"")))[0],
              HasSubstr("RENAME TO"));
  Difference moved = Diff(Table("Note", "name: \"kept\""), Table("Memo", "name: \"kept\""));
  EXPECT_THAT(moved.impossible, IsEmpty());
  EXPECT_THAT(SqlOf(moved), ElementsAre("COMMENT ON TABLE \"notes\".\"kept\" IS 'notes.Memo'"));
}

TEST(Diff, ANumberThatIsNewIsKeptAndNeedsNoSql) {
  Difference difference = Diff(Table("Note", ""), Table("Note", "number: 4"));
  EXPECT_THAT(difference.statements, IsEmpty());
  EXPECT_THAT(difference.Lines(), ElementsAre("notes.notes: has the number 4 from now on"));
}

// Tables that change their numbers are other tables, of whatever names.
TEST(Diff, AnotherNumberIsAnotherTable) {
  Difference difference = Diff(Table("Note", "number: 4"), Table("Note", "number: 5"));
  EXPECT_THAT(difference.Lines(), Contains(HasSubstr("table dropped")));
  EXPECT_THAT(difference.Lines(), Contains("notes.notes: new table"));
}

TEST(Diff, DroppedFieldsAndTablesDeleteData) {
  Difference difference = Diff(
      Notes("string text = 2;", "",
            "message Gone { option (tenantry.v1.table) = {name: \"gone\" primary_key: \"key\"};"
            " string key = 1; string v = 2; }"),
      Notes(""));
  EXPECT_THAT(SqlOf(difference), ElementsAre("ALTER TABLE \"notes\".\"notes\" DROP COLUMN \"text\"",
                                             "DROP TABLE \"notes\".\"gone\""));
  for (const Statement& statement : difference.statements) {
    EXPECT_THAT(statement.hazards, Contains(Hazard::kDeletesData));
  }
}

TEST(Diff, AnotherNumberIsAnotherColumn) {
  Difference difference = Diff(Notes("string text = 2;"), Notes("optional string text = 3;"));
  EXPECT_THAT(SqlOf(difference), ElementsAre(HasSubstr("RENAME COLUMN \"text\" TO \"text__old\""),
                                             HasSubstr("ADD COLUMN \"text\" text"),
                                             HasSubstr("DROP COLUMN \"text__old\"")));
  EXPECT_THAT(difference.Lines(),
              Contains(HasSubstr("text has another number now, 3 instead of 2")));
}

TEST(Diff, ATypeGrowsInPlaceAndAnyOtherChangeRewrites) {
  v1::Snapshot narrow = Notes("string text = 2 [(tenantry.v1.column).max_length = 10];");
  v1::Snapshot wide = Notes("string text = 2 [(tenantry.v1.column).max_length = 20];");
  Difference grown = Diff(narrow, wide);
  EXPECT_THAT(
      SqlOf(grown),
      ElementsAre("ALTER TABLE \"notes\".\"notes\" ALTER COLUMN \"text\" TYPE varchar(20)"));
  EXPECT_THAT(grown.statements[0].hazards, ElementsAre(Hazard::kAcquiresAccessExclusiveLock));
  EXPECT_THAT(Diff(wide, narrow).statements[0].hazards, Contains(Hazard::kRewritesTable));
  EXPECT_THAT(Diff(Notes("int32 n = 2;"), Notes("int64 n = 2;")).statements[0].hazards,
              Contains(Hazard::kRewritesTable));
}

TEST(Diff, WhatHasNoRuleIsImpossible) {
  EXPECT_THAT(Diff(Notes("bytes n = 2;"), Notes("int64 n = 2;")).impossible,
              ElementsAre(HasSubstr("notes.notes.n: no rule says what a value of type bytea")));
}

TEST(Diff, NewIndexIsBuiltConcurrentlyOutsideTheTransaction) {
  Difference difference =
      Diff(Notes("string text = 2;"), Notes("string text = 2;", "indexes: { columns: \"text\" }"));
  ASSERT_EQ(difference.statements.size(), 1u);
  EXPECT_TRUE(difference.statements[0].outside_transaction);
  EXPECT_THAT(difference.statements[0].sql, HasSubstr("CREATE INDEX CONCURRENTLY"));
}

TEST(Diff, NewLabelIsCommittedByItself) {
  Difference difference = Diff(
      Notes("Kind kind = 2;", "", "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }"),
      Notes("Kind kind = 2;", "", "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }"));
  ASSERT_EQ(difference.statements.size(), 1u);
  EXPECT_TRUE(difference.statements[0].outside_transaction);
  EXPECT_EQ(difference.statements[0].sql,
            "ALTER TYPE \"notes\".\"kind\" ADD VALUE IF NOT EXISTS 'b'");
}

TEST(Diff, APolicyThatChangesIsMadeAnewAndSaysSo) {
  Difference difference =
      Diff(Notes("string text = 2;"),
           Notes("string text = 2;", "policies: { name: \"own\" using: \"text <> ''\" }"));
  EXPECT_THAT(difference.impossible, IsEmpty());
  ASSERT_FALSE(difference.statements.empty());
  for (const Statement& statement : difference.statements) {
    EXPECT_THAT(statement.hazards, Contains(Hazard::kAuthzUpdate));
    EXPECT_FALSE(statement.outside_transaction);
  }
}

TEST(Diff, NewTableComesWithItsPoliciesAndKeys) {
  Difference difference = Diff(
      Notes("string text = 2;"),
      Notes(
          "string text = 2;", "",
          "message Tag { option (tenantry.v1.table) = { name: \"tags\" relations: { name: "
          "\"note\" number: 9 table: \"Note\" columns: \"note_id\" on_delete: ON_DELETE_CASCADE } "
          "indexes: { columns: \"note_id\" } };"
          "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }];"
          "string note_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; }"));
  EXPECT_THAT(difference.impossible, IsEmpty());
  std::string all;
  for (const std::string& sql : SqlOf(difference)) all += sql + "\n";
  for (const char* part :
       {"CREATE TABLE \"notes\".\"tags\"", "FORCE ROW LEVEL SECURITY",
        "CREATE POLICY \"tags_tenant\"", "FOREIGN KEY (\"tenant_id\", \"note_id\")"}) {
    EXPECT_THAT(all, HasSubstr(part));
  }
}

}  // namespace
}  // namespace tenantry::migrate
