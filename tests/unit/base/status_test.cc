#include "server/base/status.h"

#include <algorithm>
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

// What a statement of ours says of its row is told as if the server had found it out.
TEST(Status, ARefusalNamesTheRow) {
  SqlText statement;
  statement.written_schema = "saas";
  statement.written_table = "contacts";
  statement.row_name = "Contact";
  DatabaseError error;
  error.sqlstate = kNotFoundState;
  EXPECT_EQ(FromDatabaseError(error, &statement), NotFound("Contact", "contacts"));
  EXPECT_EQ(FromDatabaseError(error).code(), absl::StatusCode::kNotFound);
  error.sqlstate = kRowDeletedState;
  EXPECT_EQ(FromDatabaseError(error, &statement), RowDeleted("Contact", "contacts"));

  error.message = error.detail = "the database's words";
  error.statement = 2;
  error.entry = 0;
  const absl::Status status = FromDatabaseError(error, &statement);
  EXPECT_EQ(status.ToString().find("words"), std::string::npos);
  const std::vector<std::pair<std::string, std::string>> all = {
      {"entry", "0"}, {"statement", "2"}, {"table", "contacts"}};
  auto metadata = DetailsOf(status).metadata;
  std::sort(metadata.begin(), metadata.end());
  EXPECT_EQ(metadata, all);
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

struct Expected {
  const char* sqlstate;
  absl::StatusCode code;
  const char* reason;
};

// By class of the PostgreSQL manual's appendix A; of each class those that the server meets.
constexpr Expected kExpected[] = {
    {"08000", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"08001", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"08003", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"08006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"08P01", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"0A000", absl::StatusCode::kInternal, "INTERNAL"},
    {"22001", absl::StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"22003", absl::StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"22P02", absl::StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"23000", absl::StatusCode::kFailedPrecondition, "INTEGRITY_VIOLATION"},
    {"23001", absl::StatusCode::kFailedPrecondition, nullptr},
    {"23502", absl::StatusCode::kInvalidArgument, "NOT_NULL_VIOLATION"},
    {"23503", absl::StatusCode::kFailedPrecondition, nullptr},
    {"23505", absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"},
    {"23514", absl::StatusCode::kInvalidArgument, "CHECK_VIOLATION"},
    {"23P01", absl::StatusCode::kFailedPrecondition, "EXCLUSION_VIOLATION"},
    {"25001", absl::StatusCode::kInternal, "INTERNAL"},
    {"25006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"25P02", absl::StatusCode::kInternal, "INTERNAL"},
    {"25P03", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {"25P04", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {"26000", absl::StatusCode::kInternal, "INTERNAL"},
    {"28000", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"28P01", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"3D000", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"40001", absl::StatusCode::kAborted, "SERIALIZATION_FAILURE"},
    {"40003", absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"},
    {"40P01", absl::StatusCode::kAborted, "DEADLOCK"},
    {"42501", absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
    {"42601", absl::StatusCode::kInternal, "INTERNAL"},
    {"42703", absl::StatusCode::kInternal, "SCHEMA_MISMATCH"},
    {"42883", absl::StatusCode::kInternal, "SCHEMA_MISMATCH"},
    {"42P01", absl::StatusCode::kInternal, "SCHEMA_MISMATCH"},
    {"42P10", absl::StatusCode::kInternal, "SCHEMA_MISMATCH"},
    {"53000", absl::StatusCode::kResourceExhausted, "DATABASE_OVERLOADED"},
    {"53100", absl::StatusCode::kResourceExhausted, "DATABASE_OVERLOADED"},
    {"53200", absl::StatusCode::kResourceExhausted, "DATABASE_OVERLOADED"},
    {"53300", absl::StatusCode::kResourceExhausted, "DATABASE_OVERLOADED"},
    {"54001", absl::StatusCode::kInvalidArgument, "TOO_LARGE"},
    {"55P03", absl::StatusCode::kAborted, "LOCK_NOT_AVAILABLE"},
    {"57014", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {"57P01", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"57P02", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"57P03", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"57P04", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"57P05", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"58030", absl::StatusCode::kInternal, "INTERNAL"},
    {"P0001", absl::StatusCode::kFailedPrecondition, "REFUSED_BY_DATABASE"},
    {"XX000", absl::StatusCode::kInternal, "INTERNAL"},
    {"XX001", absl::StatusCode::kInternal, "INTERNAL"},
    {"", absl::StatusCode::kInternal, "INTERNAL"},
};

TEST(SqlState, FollowsTheTable) {
  for (const Expected& expected : kExpected) {
    DatabaseError error;
    error.sqlstate = expected.sqlstate;
    const absl::Status status = FromDatabaseError(error);
    EXPECT_EQ(status.code(), expected.code) << expected.sqlstate;
    if (expected.reason != nullptr) {
      EXPECT_EQ(ReasonOf(status), expected.reason) << expected.sqlstate;
    }
  }
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

// As it is while a migration builds what takes its place (server/migrate/settle.cc).
TEST(SqlState, AConstraintThatIsAboutToGoIsToldByTheNameThatCallersKnow) {
  auto told = [](const char* constraint) {
    ErrorDetails details =
        DetailsOf(FromDatabaseError({.sqlstate = "23505", .constraint = constraint}));
    return details.metadata.empty() ? "" : details.metadata.front().second;
  };
  EXPECT_EQ(told("contacts_email_key__old"), "contacts_email_key");
  EXPECT_EQ(told("contacts_email_key__old2"), "contacts_email_key");
  EXPECT_EQ(told("contacts_email_key2"), "contacts_email_key2");
  EXPECT_EQ(told("how_old"), "how_old");
  EXPECT_EQ(told("1"), "1");
}

}  // namespace
}  // namespace tenantry
