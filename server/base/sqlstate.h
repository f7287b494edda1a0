// The one table SQLSTATE -> status (PostgreSQL manual, appendix A).
#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace tenantry {

// States of our own, by which a statement refuses itself (sql/bootstrap).
inline constexpr std::string_view kNotFoundState = "TN002";
inline constexpr std::string_view kRowDeletedState = "TN003";
inline constexpr std::string_view kRequirementState = "TN004";
// A row would refer to one that is soft-deleted; the constraint says by which foreign key.
inline constexpr std::string_view kReferenceDeletedState = "TN008";
inline constexpr std::string_view kEtagState = "TN006";
inline constexpr std::string_view kTooManyState = "TN007";
inline constexpr std::string_view kReplyTooLargeState = "TN101";
inline constexpr std::string_view kNotDeletedState = "TN102";
// The end of a transaction that is only to be tried: all else in it went well.
inline constexpr std::string_view kTriedState = "TN005";

// Of a write with a request_id (sql/bootstrap/keep_rows.sql, server/call/once.h).
inline constexpr std::string_view kRequestIdReusedState = "TN009";
inline constexpr std::string_view kRequestDoneState = "TN010";

// A function of the schema refuses its call in words for the caller (status.h).
inline constexpr std::string_view kRefusedState = "TN011";
// A function returned several rows where its reply is one.
inline constexpr std::string_view kSeveralRowsState = "TN012";

struct SqlStateRule {
  std::string_view prefix;  // of the five characters; the first rule that fits counts
  absl::StatusCode code;
  std::string_view reason;
  std::string_view message;  // for the caller
};

inline constexpr SqlStateRule kSqlStates[] = {
    {"23505", absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
     "a row with this key exists already"},
    // Which of the two it is, FromDatabaseError says where it knows the statement.
    {"23503", absl::StatusCode::kFailedPrecondition, "REFERENCE_VIOLATION",
     "a row that is referred to does not exist, or the row is still referred to"},
    {"23001", absl::StatusCode::kFailedPrecondition, "ROW_IS_REFERENCED",
     "the row is still referred to by other rows"},
    {"23P01", absl::StatusCode::kFailedPrecondition, "EXCLUSION_VIOLATION",
     "the row conflicts with another one"},
    {"23502", absl::StatusCode::kInvalidArgument, "NOT_NULL_VIOLATION",
     "a required value is missing"},
    {"23514", absl::StatusCode::kInvalidArgument, "CHECK_VIOLATION",
     "a value is outside of what the table allows"},
    {"23", absl::StatusCode::kFailedPrecondition, "INTEGRITY_VIOLATION",
     "the change would break the integrity of the data"},
    {"22", absl::StatusCode::kInvalidArgument, "INVALID_VALUE",
     "a value is outside of what its column holds"},
    {"42501", absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
     "the caller's role may not do this"},
    // The schema that the server loaded is not the one in the database: its operator's business.
    {"42P01", absl::StatusCode::kInternal, "SCHEMA_MISMATCH", "internal error"},
    {"42703", absl::StatusCode::kInternal, "SCHEMA_MISMATCH", "internal error"},
    {"42704", absl::StatusCode::kInternal, "SCHEMA_MISMATCH", "internal error"},
    {"42P10", absl::StatusCode::kInternal, "SCHEMA_MISMATCH", "internal error"},  // no such key
    {"42883", absl::StatusCode::kInternal, "SCHEMA_MISMATCH", "internal error"},  // other types
    {"TN001", absl::StatusCode::kInvalidArgument, "ROW_TOO_LARGE",
     "the row would have more bytes than a row may (row-bytes-max); nothing was written"},
    // Of statements that must write a row. FromDatabaseError names the row.
    {kNotFoundState, absl::StatusCode::kNotFound, "NOT_FOUND", "not found"},
    {kRowDeletedState, absl::StatusCode::kFailedPrecondition, "ROW_DELETED",
     "the row with this key is deleted"},
    {kRequirementState, absl::StatusCode::kFailedPrecondition, "REQUIREMENT_NOT_MET",
     "the row does not meet `require`; nothing was written"},
    {kRequestIdReusedState, absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
     "another request had this request_id: make a new one for each write"},
    // Callers get it only where the reply cannot be made again.
    {kRequestDoneState, absl::StatusCode::kFailedPrecondition, "REQUEST_DONE",
     "the write of this request_id was done before, under another version of the schema: read what "
     "it wrote"},
    {kReferenceDeletedState, absl::StatusCode::kFailedPrecondition, "REFERENCE_DELETED",
     "a row that is referred to is deleted"},
    {kEtagState, absl::StatusCode::kAborted, "ETAG_MISMATCH",
     "the row has changed since the etag was read; nothing was written"},
    {kTooManyState, absl::StatusCode::kFailedPrecondition, "TOO_MANY_ROWS",
     "the filter finds more rows than `max_affected`; nothing was written"},
    {kReplyTooLargeState, absl::StatusCode::kInvalidArgument, "REPLY_TOO_LARGE",
     "the written rows would make a reply that is too large (message-bytes-max): send fewer at a "
     "time; nothing was written"},
    {kNotDeletedState, absl::StatusCode::kAlreadyExists, "NOT_DELETED",
     "the row is not deleted; nothing was written"},
    // FromDatabaseError tells what the function says.
    {kRefusedState, absl::StatusCode::kFailedPrecondition, "REFUSED_BY_DATABASE",
     "the database refused the change"},
    {kSeveralRowsState, absl::StatusCode::kInternal, "INTERNAL", "internal error"},
    {"40001", absl::StatusCode::kAborted, "SERIALIZATION_FAILURE",
     "a concurrent change got in the way; try again"},
    {"40P01", absl::StatusCode::kAborted, "DEADLOCK",
     "a concurrent change got in the way; try again"},
    {"40003", absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN",
     "the connection to the database was lost before the outcome was known"},
    {"55P03", absl::StatusCode::kAborted, "LOCK_NOT_AVAILABLE",
     "a concurrent change got in the way; try again"},
    {"57014", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "the database did not answer in time"},
    {"25P03", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "the transaction was idle for too long"},
    {"25P04", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "the transaction took too long"},
    // A standby, or a server that its operator made read-only.
    {"25006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
     "the database takes no changes at present; nothing was changed"},
    {"57P0", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
     "the database is not available"},
    {"08", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "the database is not available"},
    // Refused logins and unknown databases: nothing that a caller could mend.
    {"28", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "the database is not available"},
    {"3D000", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
     "the database is not available"},
    {"53", absl::StatusCode::kResourceExhausted, "DATABASE_OVERLOADED",
     "the database is out of resources"},
    {"54", absl::StatusCode::kInvalidArgument, "TOO_LARGE",
     "the request is too large or too complex for the database"},
    {"P0001", absl::StatusCode::kFailedPrecondition, "REFUSED_BY_DATABASE",
     "the database refused the change"},
    {"", absl::StatusCode::kInternal, "INTERNAL", "internal error"},
};

inline constexpr const SqlStateRule& FindSqlState(std::string_view sqlstate) {
  const SqlStateRule* rule = kSqlStates;
  while (!sqlstate.starts_with(rule->prefix)) ++rule;  // the last one fits all
  return *rule;
}

}  // namespace tenantry
