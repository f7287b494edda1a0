// Opening connections: what every one of ours is set to before its first transaction.
#pragma once

#include <functional>
#include <string>

#include <pqxx/connection>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/watchdog.h"

namespace tenantry::pg {

// What of a session lasts from one transaction to the next.
struct Session {
  // Behind a pooler that gives each transaction another server connection, nothing does: what is
  // set goes with the context instead.
  bool pooled = false;
  // Prepared statements do: always, or because the pooler keeps track of them.
  bool prepared = true;
  // What a question without work took when the connection was opened.
  absl::Duration round_trip;
};

struct TenantConnection {
  pqxx::connection connection;
  Session session;
};

// A connection for tenant transactions: time limits that find a dead peer, settings on which text
// forms depend, the context prepared, `verify` passed. Blocks for at most connect_timeout per
// address and as long again for what is asked then; ends early at `until` and when the watchdog
// stops. The status says why, in libpq's words: for the log.
absl::StatusOr<TenantConnection> OpenTenantConnection(
    const ExecutorOptions& options, const std::function<absl::Status(pqxx::connection&)>& verify,
    Watchdog& watchdog, absl::Time until);

// Makes a connection that ran somebody's code as good as new: nothing of its session is left.
absl::Status ResetTenantConnection(TenantConnection& opened, Watchdog& watchdog, absl::Time until);

}  // namespace tenantry::pg
