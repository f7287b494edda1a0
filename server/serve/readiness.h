// Whether the server can serve, as far as its database goes: the executor's hooks tell.
#pragma once

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/pg/executor.h"

namespace tenantry::serve {

// Checks a database on a new connection, before that serves: the login role's rights, every tenant
// table's row security. FAILED_PRECONDITION: unsafe, with the reasons, one per line. UNAVAILABLE:
// it could not be found out.
using Guard = std::function<absl::Status(pqxx::connection&)>;

class Readiness {
 public:
  enum class State {
    kStarting,     // no attempt to connect has ended yet
    kReady,        // the database can be reached, and the guard has passed it
    kUnreachable,  // no connection
    kUnsafe,       // the guard refuses the database; a connection there may be
  };

  // `on_change` hears of each change, from threads of the executor's.
  Readiness(Guard guard, std::function<void(bool ready)> on_change, MetricRegistry& metrics);

  pg::Executor::Hooks hooks();

  // Waits until the first attempt to connect has an outcome. OK: connected and safe. UNAVAILABLE:
  // not connected. FAILED_PRECONDITION: the guard's verdict.
  absl::Status AwaitFirst(absl::Duration timeout);

  bool ready() const;
  // Why it is not ready, for an operator: the state's name, and below it, when the guard refuses
  // the database, its findings. Empty when it is ready.
  std::string WhyNot() const;

 private:
  void Record(const absl::Status& status);
  static void LogChange(const absl::Status& status);

  const Guard guard_;
  const std::function<void(bool)> on_change_;
  Gauge& ready_gauge_;
  Gauge& unsafe_gauge_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kStarting;
  std::string why_ ABSL_GUARDED_BY(mutex_);  // of kUnreachable and kUnsafe
  // Whoever calls AwaitFirst tells the first outcome, unless it gave up waiting.
  bool first_is_told_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace tenantry::serve
