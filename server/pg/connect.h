// Connects as libpq does, within limits.
#pragma once

#include <pqxx/connection>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/watchdog.h"

namespace tenantry::pg {

// Each address of each host gets connect_timeout (that of the url, if it has one), then the next
// one is tried. Ends at `until` and when the watchdog stops. Only the resolution of names cannot be
// interrupted. The status says why, in libpq's words, which are for the log.
absl::StatusOr<pqxx::connection> Connect(const ExecutorOptions& options, Watchdog& watchdog,
                                         absl::Time until);

}  // namespace tenantry::pg
