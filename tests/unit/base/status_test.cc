#include "server/base/status.h"

#include <set>

#include "gtest/gtest.h"
#include "server/base/sqlstate.h"

namespace tenantry {
namespace {

TEST(Status, CarriesItsDetails) {
  absl::Status status = MakeError(absl::StatusCode::kAborted, "etag differs",
                                  {.reason = "ETAG_MISMATCH",
                                   .metadata = {{"table", "contacts"}},
                                   .violations = {{"contact.etag", "must be current"}}});
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
  ErrorDetails details = DetailsOf(status);
  ASSERT_EQ(details.metadata.size(), 1u);
  EXPECT_EQ(details.metadata[0].second, "contacts");
  ASSERT_EQ(details.violations.size(), 1u);
  EXPECT_EQ(details.violations[0].field, "contact.etag");
}

TEST(Status, PlainStatusHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
}

TEST(Status, InvalidArgumentNamesTheFirstViolationInItsMessage) {
  EXPECT_EQ(InvalidArgument({{"id", "must be a UUID"}}).message(), "id: must be a UUID");
  absl::Status two = InvalidArgument({{"id", "must be a UUID"}, {"name", "is required"}});
  EXPECT_EQ(two.message(), "id: must be a UUID (and 1 more)");
  EXPECT_EQ(DetailsOf(two).violations.size(), 2u);
  EXPECT_EQ(ReasonOf(two), "INVALID_ARGUMENT");
}

TEST(SqlState, FollowsTheTable) {
  auto code = [](const char* state) { return FindSqlState(state).code; };
  EXPECT_EQ(code("23505"), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code("23503"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("23P01"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("22001"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("22P02"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("23502"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("23514"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("42501"), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code("40001"), absl::StatusCode::kAborted);
  EXPECT_EQ(code("40P01"), absl::StatusCode::kAborted);
  EXPECT_EQ(code("55P03"), absl::StatusCode::kAborted);
  EXPECT_EQ(code("57014"), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(code("57P01"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("08006"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("53300"), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code("XX000"), absl::StatusCode::kInternal);
  EXPECT_EQ(code(""), absl::StatusCode::kInternal);
}

TEST(SqlState, TableIsWellFormed) {
  std::set<std::string_view> prefixes;
  for (const SqlStateRule& rule : kSqlStates) {
    EXPECT_TRUE(prefixes.insert(rule.prefix).second) << rule.prefix;
    EXPECT_EQ(&FindSqlState(rule.prefix), &rule) << rule.prefix << " is never reached";
    EXPECT_LE(rule.reason.size(), 63u);
    EXPECT_EQ(rule.reason.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"),
              std::string_view::npos);
  }
}

TEST(SqlState, TellsTheTwoSidesOfAForeignKeyApart) {
  // As PostgreSQL reports it: the table is the one that refers, whichever side was written.
  DatabaseError error;
  error.sqlstate = "23503";
  error.schema = "saas";
  error.table = "orders";
  auto reason = [&](std::string table, bool removes, std::string schema = "saas") {
    SqlText statement;
    statement.written_schema = std::move(schema);
    statement.written_table = std::move(table);
    statement.removes_rows = removes;
    return ReasonOf(FromDatabaseError(error, &statement));
  };
  EXPECT_EQ(reason("orders", false), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(reason("contacts", true), "ROW_IS_REFERENCED");
  EXPECT_EQ(reason("contacts", false), "ROW_IS_REFERENCED");  // a key that others refer to
  EXPECT_EQ(reason("orders", true), "ROW_IS_REFERENCED");     // a table that refers to itself
  EXPECT_EQ(reason("orders", false, "other"), "ROW_IS_REFERENCED");
  EXPECT_EQ(ReasonOf(FromDatabaseError(error)), "REFERENCE_VIOLATION");
  EXPECT_EQ(FromDatabaseError({.sqlstate = "23001"}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SqlState, RepliesNameObjectsAndNothingElseOfTheDatabase) {
  absl::Status status = FromDatabaseError({.sqlstate = "23505",
                                           .message = "SECRET-MESSAGE",
                                           .detail = "Key (email)=(SECRET) exists",
                                           .schema = "saas",
                                           .table = "contacts",
                                           .column = "",
                                           .constraint = "contacts_email_key"});
  EXPECT_EQ(status.ToString(absl::StatusToStringMode::kWithEverything).find("SECRET"),
            std::string::npos);
  ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, "ALREADY_EXISTS");
  EXPECT_EQ(details.metadata.size(), 2u);
}

}  // namespace
}  // namespace tenantry
