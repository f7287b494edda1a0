// Connections without a tenant, for migrations and tenant administration only, with credentials of
// their own. Tenant work goes through Executor or InteractiveRunner.
#pragma once

#include <string>

#include <pqxx/pqxx>  // here for those who may not include it themselves

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tenantry::pg {

// Blocks for at most the url's connect_timeout (5 s unless given) per address, and 5 s for a first
// answer.
// UNAVAILABLE with reason DATABASE_UNAVAILABLE when there is no connection. Unlike the statuses of
// tenant calls its message carries libpq's own words: it goes to an operator's terminal.
absl::StatusOr<pqxx::connection> OpenSystemConnection(const std::string& url);

// Whether a pooler between here and the database may give each transaction another server
// connection. Throws what libpqxx throws.
bool IsPooled(pqxx::connection& connection);

// Runs `body` and turns what libpqxx throws into a status, mapped by SQLSTATE. The message carries
// the database's own words: for an operator, never for a caller.
absl::Status CatchPqxx(absl::FunctionRef<void()> body);

}  // namespace tenantry::pg
