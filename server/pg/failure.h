// How failures of the database become statuses and log lines. Those with a SQLSTATE are mapped in
// server/base/status.h; the reasons of our own are here. The database's words go to the log and
// nowhere else.
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

// A transaction that tried to write was read-only. For one of ours that may write this means that
// the server is a standby, as after a fail-over, or was made read-only by its operator.
inline constexpr std::string_view kReadOnlySqlState = "25006";

// A statement was cancelled: its time was over, or somebody asked for it.
inline constexpr std::string_view kCancelledSqlState = "57014";

Failure ReadFailure(const PGresult* result);

// Writes one line with SQLSTATE, message, detail and request id. Constraint violations and bad
// values are mistakes of the caller and logged at level info; everything else is a warning.
void LogFailure(const Failure& failure, std::string_view request_id, std::string_view statement);

// What the caller is told: as FromDatabaseError, with one exception. A read that tries to write is
// a mistake of ours, and would not succeed on another server either.
absl::Status StatusOf(const DatabaseError& error, Access access,
                      const SqlText* statement = nullptr);

// Reasons of Executor (server/pg/executor.h).
absl::Status QueueFull();
absl::Status QueueWaitExceeded();
absl::Status DeadlineExceeded();
absl::Status Cancelled();
absl::Status DatabaseUnavailable();
absl::Status DatabaseUnsafe();
absl::Status OutcomeUnknown();
absl::Status ShuttingDown();

}  // namespace tenantry::pg
