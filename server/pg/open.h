// Opening connections: what every one of ours is set to before its first transaction.
#pragma once

#include <functional>
#include <string>

#include <pqxx/connection>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

// A connection for tenant transactions: time limits that find a dead peer, settings on which text
// forms depend, the context prepared, `verify` passed. Blocks for at most connect_timeout per host.
// The status says why, in libpq's words: for the log.
absl::StatusOr<pqxx::connection> OpenTenantConnection(
    const ExecutorOptions& options, const std::function<absl::Status(pqxx::connection&)>& verify);

// Makes a connection that ran somebody's code as good as new: nothing of its session is left.
absl::Status ResetTenantConnection(const ExecutorOptions& options, pqxx::connection& connection);

}  // namespace tenantry::pg
