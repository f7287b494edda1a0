// Whether the database is there and safe to use, as the executor's hooks tell.
#pragma once

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/pg/executor.h"

namespace tenantry::rpc {

// Checks a new connection before it serves: the login role's rights, every tenant table's row
// security. FAILED_PRECONDITION: unsafe, with the reasons, one per line. UNAVAILABLE: cannot tell.
using Guard = std::function<absl::Status(pqxx::connection&)>;

class Readiness {
 public:
  // `on_change` hears of each change, from threads of the executor's.
  Readiness(Guard guard, std::function<void(bool ready)> on_change, MetricRegistry& metrics);

  pg::Executor::Hooks hooks();

  // Waits until the first attempt to connect has an outcome. OK: connected and safe. UNAVAILABLE:
  // not connected. FAILED_PRECONDITION: the guard's verdict.
  absl::Status AwaitFirst(absl::Duration timeout);

  bool ready() const;

 private:
  enum class State { kUntried, kReady, kDown };

  absl::Status Verify(pqxx::connection& connection);
  void Record(bool reachable, const std::string& why);

  const Guard guard_;
  const std::function<void(bool)> on_change_;
  Gauge& gauge_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kUntried;
  std::string why_ ABSL_GUARDED_BY(mutex_);
  absl::Status verdict_ ABSL_GUARDED_BY(mutex_);  // of the last guard run
};

}  // namespace tenantry::rpc
