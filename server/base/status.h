// Errors that cross modules: absl::Status with google.rpc payloads.
//
// A status made here carries a google.rpc.ErrorInfo and, for bad input, a google.rpc.BadRequest as
// payloads under their type URLs; server/call copies them into the reply's details. Messages and
// metadata are written by us and may reach a caller: never put database text into them.
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
};

// The one table SQLSTATE -> code and reason (DESIGN.md, "Errors"). Unknown states are INTERNAL. The
// status names table, column and constraint in its metadata and holds no database text.
// `statement` is what failed, null where that is not known. With it a broken foreign key is
// REFERENCE_NOT_FOUND (the row that is referred to is missing) or ROW_IS_REFERENCED (the row cannot
// go, since others refer to it).
absl::Status FromDatabaseError(const DatabaseError& error, const SqlText* statement = nullptr);

}  // namespace tenantry
