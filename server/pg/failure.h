// How failures of the database become statuses (by SQLSTATE in server/base/status.h, by reason
// here) and log lines. The database's words go to the log and nowhere else.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/status.h"

namespace tenantry::pg {

struct Failure {
  DatabaseError error;
  bool fatal = false;       // the server ends the connection with it
  bool stale_plan = false;  // the prepared statement is gone or no longer fits its tables
};

Failure ReadFailure(const PGresult* result);

// One line: SQLSTATE, message, detail, request id. Constraint violations and bad values are the
// caller's doing and logged at info, the rest as warnings.
void LogFailure(const Failure& failure, std::string_view request_id, std::string_view statement);

// Reasons of Executor (server/pg/executor.h).
absl::Status QueueFull();
absl::Status QueueWaitExceeded();
absl::Status DeadlineExceeded();
absl::Status DatabaseUnavailable();
absl::Status OutcomeUnknown();
absl::Status ShuttingDown();

}  // namespace tenantry::pg
