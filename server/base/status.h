// Errors that cross modules: absl::Status with google.rpc payloads.
//
// A status made here carries a google.rpc.ErrorInfo and, for bad input, a google.rpc.BadRequest as
// payloads under their type URLs; server/call copies them into the reply's details. Messages and
// metadata are written by us and may reach a caller: never put database text into them.
//
// The reasons that a caller can get. A status without one gets the name of its code. Statuses of
// gRPC itself (a lost connection, an unknown method) have no details at all.
//
//   INVALID_ARGUMENT: the request is wrong, and nothing was done
//     INVALID_ARGUMENT       violations name the fields
//     REQUEST_UNDECODABLE    the bytes are no message of the method's type
//     ROW_TOO_LARGE          the row that would be written is over row-bytes-max
//     REPLY_TOO_LARGE        the written rows would not fit into a reply: send fewer at a time
//     REQUEST_ID_REUSED      another request had the same request_id
//     IMPORT_BROKEN_OFF      the stream of an import ended without saying that it is whole
//     NOT_NULL_VIOLATION, CHECK_VIOLATION, INVALID_VALUE
//                            only the database found it; `column` or `constraint` says what
//     TOO_LARGE              too large or too complex for the database
//   UNAUTHENTICATED: what the metadata say of the caller
//     TENANT_MISSING, TENANT_MALFORMED, USER_MALFORMED, ROLE_UNKNOWN
//   PERMISSION_DENIED
//     PERMISSION_DENIED      a policy of the table refuses it to this role
//     EXPLAIN_NOT_ALLOWED    the role is none of those that may see plans
//     SHAPE_NOT_ALLOWED      the server has a list of shapes of requests, and this is none of them
//   NOT_FOUND
//     NOT_FOUND              the tenant has no such row, or the caller may not see it
//   ALREADY_EXISTS
//     ALREADY_EXISTS         another row has the values of the unique key that `constraint` names
//     NOT_DELETED            the row that Undelete is to bring back is not deleted
//   FAILED_PRECONDITION: the rows that are there do not allow it
//     ROW_DELETED            the row is soft-deleted
//     REQUIREMENT_NOT_MET    the row does not meet the request's `require`; nothing was written
//     REQUEST_DONE           the write of this request_id was done before, under another version of
//                            the schema, and its reply cannot be told again
//     TOO_MANY_ROWS          a filter finds more than `max_affected`; nothing was written
//     REFERENCE_NOT_FOUND    the row refers to one that does not exist
//     REFERENCE_DELETED      the row would refer to one that is soft-deleted
//     ROW_IS_REFERENCED      the row cannot go, since others refer to it
//     REFERENCE_VIOLATION    one of the two; the database did not say which
//     EXCLUSION_VIOLATION, INTEGRITY_VIOLATION
//                            other constraints; `constraint` names it
//     REFUSED_BY_DATABASE    a trigger or a function of the database refused it
//   Any code but INTERNAL and the like, and any reason: a function of the schema refused it (TN011)
//   ABORTED: other changes got in the way, and nothing was done; the same call may succeed
//     SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE
//     ETAG_MISMATCH          the row has changed since its etag was read: read it again first
//   RESOURCE_EXHAUSTED
//     QUEUE_FULL             too many calls wait; nothing was done
//     QUEUE_WAIT_EXCEEDED    the call waited too long for its turn; nothing was done
//     ROW_TOO_LARGE, REPLY_TOO_LARGE
//                            what was read does not fit into a reply
//     STREAMS_FULL           too many streams are under way
//     PLAN_TOO_COSTLY        the planner expects a higher cost than plan-cost-max allows the role;
//                            nothing was done
//     DATABASE_OVERLOADED    the database is out of memory, disk or connections
//   DEADLINE_EXCEEDED
//     DEADLINE_EXCEEDED      a write may have happened
//     STREAM_IDLE            the caller took or sent nothing of the stream for too long
//   UNAVAILABLE: later, or at another server, it may succeed
//     DATABASE_UNAVAILABLE   the database is not reached or takes no changes; nothing was changed
//     DATABASE_UNSAFE        the server refuses its database (migrate/guard.h); nothing was sent
//     SHUTTING_DOWN          the server ends; nothing was changed
//     OUTCOME_UNKNOWN        the connection was lost under a write, which may have happened
//   INTERNAL: the operator's business; the server's log has the cause
//     INTERNAL
//     SCHEMA_MISMATCH        the database lacks what the server's schema has
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/base/sql.h"

namespace tenantry {

// One thing wrong with a request.
struct FieldViolation {
  std::string field;  // path from the request message, as in `contact.email` or `requests[3].id`
  std::string description;  // what the field must be; never echoes a hostile value at length
};

struct ErrorDetails {
  std::string reason;  // UPPER_SNAKE_CASE, stable, at most 63 characters (AIP-193)
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<FieldViolation> violations;
};

// `message` is for people; `details.reason` for programs.
absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details);

// INVALID_ARGUMENT with all violations, reason INVALID_ARGUMENT.
absl::Status InvalidArgument(std::vector<FieldViolation> violations);

// The reason of a status made by MakeError, empty otherwise.
std::string ReasonOf(const absl::Status& status);

// The details of a status made by MakeError, empty otherwise.
ErrorDetails DetailsOf(const absl::Status& status);

// What a failed statement tells us; the text fields are for the log only, except the object names.
struct DatabaseError {
  std::string sqlstate;  // five characters
  std::string message;   // log only
  std::string detail;    // log only
  std::string schema;    // object names as the server reports them, may be empty
  std::string table;
  std::string column;
  std::string constraint;
  std::string datatype;
  int statement = -1;  // which of its transaction's, where there are several and it is known
  int entry = -1;      // which of the statement's batch (tenantry.refuse)
};

// What a function of the schema refuses in its own words (kRefusedState): its message is for the
// caller, `constraint` is the reason, `datatype` the code, and `column` the path of the field.

// A row that there is not, or that is deleted. `row`: what callers know it as.
absl::Status NotFound(std::string_view row, std::string_view table);
absl::Status RowDeleted(std::string_view row, std::string_view table);

// The one table SQLSTATE -> code and reason (DESIGN.md, "Errors"). Unknown states are INTERNAL. The
// status names table, column, constraint, statement and entry in its metadata and holds no database
// text.
// `statement` is what failed, null where that is not known. With it a broken foreign key is
// REFERENCE_NOT_FOUND (the row that is referred to is missing) or ROW_IS_REFERENCED (the row cannot
// go, since others refer to it).
absl::Status FromDatabaseError(const DatabaseError& error, const SqlText* statement = nullptr);

}  // namespace tenantry
