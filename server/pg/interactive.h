// Interactive tenant transactions for hand-written handlers: pqxx::work behind the same context.
#pragma once

#include <memory>

#include <pqxx/transaction>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

// Runs `body` inside a tenant transaction on a pooled connection: context first, then `body`, then
// commit. An error status or an exception from `body` rolls back. Blocks the calling thread, so it
// runs on a worker, never on a lane or a gRPC thread. pqxx exceptions end here, as statuses.
//
// `done` is told the outcome once, as soon as it is known. Only then is the connection cleaned of
// what `body` left in its session; Run returns after that.
//
// `deadline` ends the transaction wherever it is, and stall_margin later also when the database has
// fallen silent. It is cut to statement_timeout_max from now: a connection is not held for longer.
class InteractiveRunner {
 public:
  virtual ~InteractiveRunner() = default;
  virtual void Run(const identity::Identity& identity, Access access, absl::Time deadline,
                   absl::FunctionRef<absl::Status(pqxx::work&)> body,
                   absl::FunctionRef<void(const absl::Status&)> done) = 0;
};

// Draws from the executor's pool, which must outlive it.
std::unique_ptr<InteractiveRunner> MakeInteractiveRunner(Executor& executor);

}  // namespace tenantry::pg
