// Runs interactive tenant transactions for hand-written handlers, behind the same context as those
// of the lanes.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/pg/transaction.h"

namespace tenantry::pg {

// For whom a transaction runs, and for how long.
struct InteractiveTerms {
  const identity::Identity& identity;
  // Ends the transaction wherever it is, and stall_margin later also when the database has fallen
  // silent. It is cut to statement_timeout_max from now: a connection is not held for longer.
  absl::Time deadline;
  std::string_view request_id = {};  // for the log
  // Whether the caller waits no more. Asked often, on the thread that runs the transaction, and not
  // after `done` was told. Null: it waits.
  std::function<bool()> cancelled = nullptr;
};

// Runs code of a handler. What it throws is logged and becomes INTERNAL.
absl::Status RunHandler(std::string_view request_id, absl::FunctionRef<absl::Status()> code);

// Runs `body` inside a tenant transaction on a pooled connection: context first, then `body`, then
// commit. An error status or an exception from `body` rolls back, and so does a statement that
// failed. Blocks the calling thread, so it runs on a worker, never on a lane or a gRPC thread.
//
// `done` is told the outcome once, as soon as it is known. Only then is the connection cleaned of
// what `body` left in its session; Read and Write return after that.
//
// When the database rolls the transaction back for a conflict (conflict.h), `body` is called again
// in a new one, up to conflict_retries_max times.
// In addition to the errors of TenantTransaction::Done there is CANCELLED with reason CANCELLED.
class InteractiveRunner {
 public:
  using Done = absl::FunctionRef<void(const absl::Status&)>;

  virtual ~InteractiveRunner() = default;
  virtual void Read(const InteractiveTerms& terms,
                    absl::FunctionRef<absl::Status(ReadTransaction&)> body, Done done) = 0;
  virtual void Write(const InteractiveTerms& terms,
                     absl::FunctionRef<absl::Status(WriteTransaction&)> body, Done done) = 0;
};

// Draws from the executor's pool, which must outlive it.
std::unique_ptr<InteractiveRunner> MakeInteractiveRunner(Executor& executor);

}  // namespace tenantry::pg
