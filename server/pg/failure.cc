#include "server/pg/failure.h"

#include "absl/strings/numbers.h"
#include "server/base/log.h"

namespace tenantry::pg {
namespace {

std::string Field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value == nullptr ? std::string() : std::string(value);
}

absl::Status Reason(absl::StatusCode code, std::string_view message, const char* reason) {
  ErrorDetails details;
  details.reason = reason;
  return MakeError(code, message, details);
}

// 26000: the server does not know the statement's name. 0A000 from this function of Postgres means
// "cached plan must not change result type", as after a migration. The message may be translated;
// the function's name is not.
bool IsStalePlan(const DatabaseError& error, const PGresult* result) {
  return error.sqlstate == "26000" ||
         (error.sqlstate == "0A000" &&
          Field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery");
}

// A transaction pooler mixes up prepared statements: there are those of other clients (42P05), and
// our own are gone (26000).
bool LooksLikePooler(const DatabaseError& error) {
  return error.sqlstate == "26000" || error.sqlstate == "42P05";
}

}  // namespace

Failure ReadFailure(const PGresult* result) {
  Failure failure;
  DatabaseError& error = failure.error;
  error.sqlstate = Field(result, PG_DIAG_SQLSTATE);
  error.message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (error.message.empty()) error.message = PQresultErrorMessage(result);
  error.detail = Field(result, PG_DIAG_MESSAGE_DETAIL);
  error.schema = Field(result, PG_DIAG_SCHEMA_NAME);
  error.table = Field(result, PG_DIAG_TABLE_NAME);
  error.column = Field(result, PG_DIAG_COLUMN_NAME);
  error.constraint = Field(result, PG_DIAG_CONSTRAINT_NAME);
  error.datatype = Field(result, PG_DIAG_DATATYPE_NAME);
  if (std::string_view(error.sqlstate).starts_with("TN")) {
    int entry;
    if (absl::SimpleAtoi(error.detail, &entry)) error.entry = entry;
  }
  const std::string severity = Field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  // Without a SQLSTATE it is libpq itself that reports a broken connection.
  failure.fatal = severity == "FATAL" || severity == "PANIC" || error.sqlstate.empty();
  failure.stale_plan = IsStalePlan(error, result);
  return failure;
}

void LogFailure(const Failure& failure, std::string_view request_id, std::string_view statement) {
  const DatabaseError& error = failure.error;
  const std::string_view klass = std::string_view(error.sqlstate).substr(0, 2);
  const bool callers_doing = klass == "22" || klass == "23" || klass == "TN";
  Log(callers_doing ? LogLevel::kInfo : LogLevel::kWarn, "database error",
      {{"sqlstate", error.sqlstate},
       {"request_id", request_id},
       {"statement", statement},
       {"message", error.message},
       {"detail", error.detail}});
  if (LooksLikePooler(error)) {
    Log(LogLevel::kWarn,
        "prepared statements do not stay on their connection; behind a transaction pooler, switch "
        "them off (prepared-statements = false)");
  }
}

absl::Status StatusOf(const DatabaseError& error, Access access, const SqlText* statement) {
  if (access == Access::kReadOnly && error.sqlstate == kReadOnlySqlState) {
    return Reason(absl::StatusCode::kInternal, "internal error", "INTERNAL");
  }
  return FromDatabaseError(error, statement);
}

absl::Status QueueFull() {
  return Reason(absl::StatusCode::kResourceExhausted, "too many calls are waiting", "QUEUE_FULL");
}

absl::Status QueueWaitExceeded() {
  return Reason(absl::StatusCode::kResourceExhausted,
                "the call waited too long for a database connection", "QUEUE_WAIT_EXCEEDED");
}

absl::Status DeadlineExceeded() {
  return Reason(absl::StatusCode::kDeadlineExceeded, "the deadline passed", "DEADLINE_EXCEEDED");
}

absl::Status Cancelled() {
  return Reason(absl::StatusCode::kCancelled, "the caller cancelled the call", "CANCELLED");
}

absl::Status DatabaseUnavailable() {
  return Reason(absl::StatusCode::kUnavailable,
                "the database cannot be reached; nothing was changed", "DATABASE_UNAVAILABLE");
}

// UNAVAILABLE, and not FAILED_PRECONDITION: a caller has nothing to mend. It may well succeed at
// another server, or later at this one.
absl::Status DatabaseUnsafe() {
  return Reason(
      absl::StatusCode::kUnavailable,
      "the server refuses its database, which does not have what isolates tenants or what "
      "the schema needs; nothing was changed",
      "DATABASE_UNSAFE");
}

absl::Status OutcomeUnknown() {
  return Reason(absl::StatusCode::kUnavailable,
                "the database connection was lost; the write may or may not have happened",
                "OUTCOME_UNKNOWN");
}

absl::Status ShuttingDown() {
  return Reason(absl::StatusCode::kUnavailable, "the server is shutting down; nothing was changed",
                "SHUTTING_DOWN");
}

}  // namespace tenantry::pg
