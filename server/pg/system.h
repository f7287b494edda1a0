// Connections without a tenant, for migrations and tenant administration only, with credentials of
// their own. Tenant work goes through Executor or InteractiveRunner.
#pragma once

#include <string>

#include <pqxx/pqxx>  // for other folders, which may not include it themselves

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tenantry::pg {

// Blocks for at most the url's connect_timeout (5 s unless given) for each address, and 5 s more
// for a first answer. UNAVAILABLE with reason DATABASE_UNAVAILABLE when there is no connection. Its
// message carries libpq's own words, unlike the statuses of tenant calls: it goes to an operator's
// terminal.
absl::StatusOr<pqxx::connection> OpenSystemConnection(const std::string& url);

// Whether there is a pooler that may give each transaction another server connection. Throws what
// libpqxx throws.
bool IsPooled(pqxx::connection& connection);

// Runs `body` and turns what libpqxx throws into a status, by SQLSTATE. The message carries the
// database's own words: it is for an operator, never for a caller.
absl::Status CatchPqxx(absl::FunctionRef<void()> body);

}  // namespace tenantry::pg
