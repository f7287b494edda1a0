// Interactive tenant transactions for hand-written handlers: pqxx::work behind the same context.
#pragma once

#include <functional>
#include <memory>

#include <pqxx/transaction>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

// Runs `body` inside a tenant transaction on a pooled connection: context first, then `body`, then
// commit. An error status or an exception from `body` rolls back. Blocks the calling thread, so it
// runs on a worker, never on a lane or a gRPC thread. pqxx exceptions end here, as statuses.
//
// `deadline` ends it wherever it is, stall_margin later also when the database has fallen silent.
// InfiniteFuture is cut to statement_timeout_max from now.
class InteractiveRunner {
 public:
  virtual ~InteractiveRunner() = default;
  virtual absl::Status Run(const identity::Identity& identity, Access access, absl::Time deadline,
                           const std::function<absl::Status(pqxx::work&)>& body) = 0;
};

// Draws from the executor's pool, which must outlive it.
std::unique_ptr<InteractiveRunner> MakeInteractiveRunner(Executor& executor);

}  // namespace tenantry::pg
