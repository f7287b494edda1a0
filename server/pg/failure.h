// How failures of the database become statuses (by SQLSTATE in server/base/status.h, by reason
// here) and log lines. The database's words go to the log and nowhere else.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

struct Failure {
  DatabaseError error;
  bool fatal = false;       // the server ends the connection with it
  bool stale_plan = false;  // the prepared statement is gone or no longer fits its tables
};

// The server, or what it was told about itself, is read-only: after a fail-over it is a standby.
inline constexpr std::string_view kReadOnlySqlState = "25006";

Failure ReadFailure(const PGresult* result);

// One line: SQLSTATE, message, detail, request id. Constraint violations and bad values are the
// caller's doing and logged at info, the rest as warnings.
void LogFailure(const Failure& failure, std::string_view request_id, std::string_view statement);

// What a caller is told of it: FromDatabaseError, except that a read which tries to write is a
// mistake of ours and will not succeed on another server.
absl::Status StatusOf(const DatabaseError& error, Access access,
                      const SqlText* statement = nullptr);

// Reasons of Executor (server/pg/executor.h).
absl::Status QueueFull();
absl::Status QueueWaitExceeded();
absl::Status DeadlineExceeded();
absl::Status DatabaseUnavailable();
absl::Status OutcomeUnknown();
absl::Status ShuttingDown();

}  // namespace tenantry::pg
