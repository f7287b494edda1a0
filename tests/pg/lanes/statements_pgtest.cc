// Transactions of several statements: which one failed, and what it says itself (tenantry.refuse).
#include <algorithm>

#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using pg::Access;

class StatementsTest : public PgTest {
 protected:
  StatementsTest() : executor_(MakeExecutor()) {}

  const absl::Status& Run(Call& call) { return Submit(*executor_, call).Wait(); }
  static Call Write(std::vector<pg::Statement> statements) {
    return Call(MakeIdentity(1), Access::kReadWrite, std::move(statements));
  }
  // Empty when the status does not say.
  static std::string Metadata(const absl::Status& status, const std::string& key) {
    for (const auto& [name, value] : DetailsOf(status).metadata) {
      if (name == key) return value;
    }
    return "";
  }

  const pg::Statement insert_ = MakeStatement("INSERT INTO app.notes (id) VALUES (1)");
  const pg::Statement count_ = MakeStatement("SELECT count(*)::text FROM app.notes");
  std::unique_ptr<pg::Executor> executor_;
};

TEST_F(StatementsTest, AnErrorSaysWhichStatementItCameFrom) {
  Call last = Write({insert_, count_, insert_});
  EXPECT_EQ(Run(last).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Metadata(last.Wait(), "statement"), "2");
  EXPECT_EQ(Metadata(last.Wait(), "table"), "notes");

  Call first = Write({MakeStatement("SELECT 1 / ($1::text)::int", {"0"}), insert_, count_});
  EXPECT_EQ(Run(first).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Metadata(first.Wait(), "statement"), "0");

  // Not when it is prepared either, nor when it is alone.
  Call unknown = Write({insert_, MakeStatement("SELECT nothing_like_it")});
  EXPECT_EQ(Run(unknown).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Metadata(unknown.Wait(), "statement"), "1");
  Call alone = Write({MakeStatement("SELECT 1 / ($1::text)::int", {"0"})});
  EXPECT_EQ(Run(alone).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Metadata(alone.Wait(), "statement"), "");
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

// Which side of a foreign key is meant depends on what the failed statement writes, not the first.
TEST_F(StatementsTest, AnErrorIsAboutTheStatementThatFailed) {
  const auto writing = [](const char* sql, const char* table, bool removes) {
    pg::Statement statement = MakeStatement(sql);
    auto text = std::make_shared<SqlText>(*statement.text);
    text->written_schema = "app";
    text->written_table = table;
    text->removes_rows = removes;
    statement.text = text;
    return statement;
  };
  const pg::Statement now = MakeStatement("SET CONSTRAINTS ALL IMMEDIATE");
  Call missing =
      Write({now, writing("DELETE FROM app.notes WHERE id = 9", "notes", true),
             writing("INSERT INTO app.notes (id, parent) VALUES (2, 3)", "notes", false)});
  EXPECT_EQ(Run(missing).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(missing.reason(), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(Metadata(missing.Wait(), "statement"), "2");
}

// It belongs to no statement.
TEST_F(StatementsTest, AFailingCommitNamesNone) {
  Call call = Write({insert_, MakeStatement("INSERT INTO app.notes (id, parent) VALUES (2, 3)")});
  EXPECT_EQ(Run(call).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Metadata(call.Wait(), "statement"), "");
  EXPECT_EQ(Metadata(call.Wait(), "table"), "notes");
}

TEST_F(StatementsTest, AStatementRefusesItself) {
  Call call = Write({insert_, MakeStatement("SELECT tenantry.refuse('TN002', 7)"), count_});
  EXPECT_EQ(Run(call).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(call.reason(), "NOT_FOUND");
  EXPECT_EQ(Metadata(call.Wait(), "statement"), "1");
  EXPECT_EQ(Metadata(call.Wait(), "entry"), "7");
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");

  Call whole = Write({insert_, MakeStatement("SELECT tenantry.refuse('TN003', NULL)")});
  EXPECT_EQ(Run(whole).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(whole.reason(), "ROW_DELETED");
  EXPECT_EQ(Metadata(whole.Wait(), "entry"), "");
}

// The planner folds nothing away, and calls nothing before its time.
TEST_F(StatementsTest, ARefusalThatIsNotReachedDoesNotCount) {
  Call call = Write({MakeStatement("SELECT CASE WHEN true THEN 1 ELSE CASE WHEN "
                                   "tenantry.refuse('TN002', NULL) THEN 2 END END"),
                     MakeStatement("SELECT 1 WHERE false AND tenantry.refuse('TN002', NULL)")});
  EXPECT_TRUE(Run(call).ok()) << call.Wait();
}

}  // namespace
}  // namespace tenantry::test
