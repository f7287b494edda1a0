// Opens connections for tenant transactions and sets them up.
#pragma once

#include <functional>
#include <string>

#include <pqxx/connection>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/route.h"
#include "server/pg/watchdog.h"

namespace tenantry::pg {

// What lasts in a session from one transaction to the next.
struct Session {
  // A pooler gives each transaction another server connection, so that nothing lasts. What would be
  // set in the session is set with the context.
  bool pooled = false;
  // Prepared statements last: there is no pooler, or it keeps track of them.
  bool prepared = true;
  // How long a trivial query took when the connection was opened.
  absl::Duration round_trip;
};

struct TenantConnection {
  OpenConnections::Slot slot;  // given up last, when the connection is closed
  pqxx::connection connection;
  Session session;
};

// Opens a connection for tenant transactions. Limits that detect a dead peer are set, and so are
// the settings on which the text form of values depends. The context is prepared, and `verify` has
// passed. Blocks for at most connect_timeout for each address, and the same again for what is asked
// then. Ends early at `until` and when the watchdog stops. The status says why, in libpq's words,
// which are for the log.
absl::StatusOr<TenantConnection> OpenTenantConnection(
    const ExecutorOptions& options, const std::function<absl::Status(pqxx::connection&)>& verify,
    Watchdog& watchdog, absl::Time until);

// Removes everything that an interactive transaction left in the session. The context is not
// prepared again: interactive transactions send it as text.
absl::Status ResetTenantConnection(TenantConnection& opened, Watchdog& watchdog, absl::Time until);

}  // namespace tenantry::pg
