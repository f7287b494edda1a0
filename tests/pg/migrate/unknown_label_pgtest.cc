// A server of the old schema, and rows with a label that a migration has added while it ran.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/pg/migrate/any_client.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/pg/migrate/notes.h"
#include "tests/support/rows.h"
#include "tests/support/saas_schema.h"
#include "tests/support/test_server.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using test::CallResult;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFields[] =
    "Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"]; optional Kind other = 3; "
    "repeated Kind more = 4; string text = 5;";

std::string NotesOf(const std::string& labels) {
  return absl::StrCat("enum Kind { KIND_UNSPECIFIED = 0; ", labels, " }",
                      Note(kFields, "unique: { number: 2 columns: \"text\" }"));
}

// The old server of the test, its database migrated, and a client.
class UnknownLabelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static const schema::Schema& before = *SchemaFromText(kBefore)->release();
    auto after = SchemaFromText(NotesOf("KIND_A = 1; KIND_B = 2; KIND_C = 3; KIND_D = 4;"));
    ASSERT_TRUE(after.ok()) << after.status();
    ASSERT_TRUE(evolution_.Go(before).ok());
    auto server = AnyServer::Start(kBefore, evolution_.database());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<test::DynamicClient>(server_->NewChannel(), before);
    ASSERT_TRUE(Call("CreateNote", "note { kind: KIND_B text: \"known\" }").ok());
    auto gone = evolution_.Go(**after);
    ASSERT_TRUE(gone.ok()) << gone.status();
  }

  CallResult Call(const char* rpc, const std::string& request) {
    return client_->Call(rpc, request, test::As(tenant_));
  }
  void Execute(const char* sql) {
    evolution_.database().Execute(absl::StrReplaceAll(sql, {{"$T", tenant_}}));
  }
  // The reply, or the error.
  std::string Told(const CallResult& result) const {
    return absl::StrReplaceAll(result.ToString(), {{kRow, "*"}});
  }
  // What the trailer names.
  static std::string Unreadable(const CallResult& result) {
    auto found = result.trailers.find("tenantry-unreadable");
    return found == result.trailers.end() ? "" : found->second;
  }

  static inline const std::string kBefore = NotesOf("KIND_A = 1; KIND_B = 2;");
  static constexpr char kRow[] = "01920000-0000-7000-8000-000000000001";

  Evolution evolution_;
  std::unique_ptr<AnyServer> server_;
  std::unique_ptr<test::DynamicClient> client_;
  const std::string tenant_ = test::NewTenantId();
};

constexpr char kNewRow[] =
    "INSERT INTO notes.notes (tenant_id, id, kind, other, more, text) VALUES "
    "('$T', '01920000-0000-7000-8000-000000000001', 'c', 'd', '{a,c,b}', 'new')";

TEST_F(UnknownLabelTest, ReadsTellItAsTheZeroValueAndNameTheField) {
  Execute(kNewRow);
  const CallResult get = Call("GetNote", absl::StrCat("id: \"", kRow, "\""));
  EXPECT_EQ(Told(get),
            "id: \"*\" other: KIND_UNSPECIFIED more: KIND_A more: KIND_UNSPECIFIED more: KIND_B "
            "text: \"new\"");
  EXPECT_EQ(Unreadable(get), "Note.kind,Note.more,Note.other");

  const CallResult list = Call("ListNotes", "filter { kind { ne: KIND_A } }");
  ASSERT_TRUE(list.ok()) << list.ToString();
  EXPECT_EQ(test::RowsOf(*list.reply).size(), 2u) << list.ToString();
  const CallResult known = Call("ListNotes", "filter { kind { in { values: KIND_B } } }");
  ASSERT_TRUE(known.ok()) << known.ToString();
  EXPECT_EQ(test::RowsOf(*known.reply).size(), 1u) << known.ToString();
  EXPECT_THAT(Unreadable(known), IsEmpty());
}

// A page token holds the label as the database has it.
TEST_F(UnknownLabelTest, PagesGoOnBehindIt) {
  Execute(kNewRow);
  std::string token, texts;
  for (int page = 0; page < 3; ++page) {
    const CallResult list =
        Call("ListNotes", absl::StrCat("page_size: 1 order_by { field: NOTE_FIELD_KIND direction: "
                                       "DIRECTION_DESC } page_token: \"",
                                       token, "\""));
    ASSERT_TRUE(list.ok()) << list.ToString();
    absl::StrAppend(&texts, Told(list), "\n");
    token = test::NextPageToken(*list.reply);
    if (token.empty()) break;
  }
  EXPECT_THAT(texts, ::testing::AllOf(HasSubstr("\"new\""), HasSubstr("\"known\"")));
  EXPECT_EQ(token, "");
}

TEST_F(UnknownLabelTest, GroupsByIt) {
  Execute(kNewRow);
  Execute("INSERT INTO notes.notes (tenant_id, text) VALUES ('$T', 'no other')");
  const CallResult groups =
      Call("AggregateNotes",
           "group_by { field: NOTE_FIELD_OTHER } measures { function: AGGREGATE_FUNCTION_COUNT "
           "name: \"n\" }");
  ASSERT_TRUE(groups.ok()) << groups.ToString();
  // A group without a value is another one.
  EXPECT_THAT(Told(groups), HasSubstr("key { other: KIND_UNSPECIFIED }"));
  EXPECT_THAT(Told(groups), HasSubstr("key { }"));
}

TEST_F(UnknownLabelTest, WritesThatMeetItAreAnswered) {
  // A trigger may bring it into a row that this server makes.
  Execute(
      "CREATE FUNCTION notes.c() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.other := "
      "'c'; RETURN NEW; END $$; CREATE TRIGGER c BEFORE INSERT ON notes.notes FOR EACH ROW "
      "WHEN (NEW.text = 'made') EXECUTE FUNCTION notes.c()");
  const CallResult made = Call("CreateNote", "note { text: \"made\" }");
  ASSERT_TRUE(made.ok()) << made.ToString();
  EXPECT_EQ(Unreadable(made), "Note.other");
  Execute(kNewRow);
  const std::string row = absl::StrCat("note { id: \"", kRow, "\" text: \"");
  const CallResult update =
      Call("UpdateNote", absl::StrCat(row, "changed\" } update_mask { paths: \"text\" }"));
  ASSERT_TRUE(update.ok()) << update.ToString();
  EXPECT_EQ(Unreadable(update), "Note.kind,Note.more,Note.other");
  // Fields that it does not name stay as they are, and so does one that is not populated.
  ASSERT_TRUE(Call("UpdateNote", absl::StrCat(row, "again\" }")).ok());
  const CallResult upsert = Call("UpsertNote", absl::StrCat(row, "upserted\" }"));
  ASSERT_TRUE(upsert.ok()) << upsert.ToString();
  const CallResult batch = Call(
      "BatchCreateNotes", "requests { note { text: \"b1\" } } requests { note { text: \"b2\" } }");
  ASSERT_TRUE(batch.ok()) << batch.ToString();
  ASSERT_TRUE(Call("DeleteNote", absl::StrCat("id: \"", kRow, "\"")).ok());
}

// Nobody takes the zero value for one that can be stored.
TEST_F(UnknownLabelTest, WhatWasReadIsNotWrittenBackOverIt) {
  Execute(kNewRow);
  const CallResult back =
      Call("UpdateNote", absl::StrCat("note { id: \"", kRow,
                                      "\" other: KIND_UNSPECIFIED more: KIND_A more: "
                                      "KIND_UNSPECIFIED text: \"x\" }"));
  EXPECT_EQ(back.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << back.ToString();
}

}  // namespace
}  // namespace tenantry::migrate
