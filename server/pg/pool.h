// Opens database connections. One thread opens them for the lanes, so that a slow or dead host
// never holds up a lane. Interactive transactions open theirs on the thread that runs them.
//
// After a failed attempt the pool waits: exponential back-off with jitter. While work waits for a
// connection the pause is at most reconnect_backoff_waited_max.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/open.h"
#include "server/pg/pg_metrics.h"
#include "server/pg/watchdog.h"

namespace tenantry::pg {

class Pool {
 public:
  // A lane. Called on the pool's thread.
  class Client {
   public:
    virtual ~Client() = default;
    virtual void Connected(TenantConnection opened) = 0;
    // An attempt that began at `began` failed. The request stands: the next attempt comes after the
    // back-off.
    virtual void ConnectFailed(absl::Time began) = 0;
  };

  Pool(const ExecutorOptions& options, Executor::Hooks hooks, PgMetrics& metrics);
  ~Pool();

  // `client` wants one more connection, and is told when it is open. The lanes themselves keep to
  // the number that each may have.
  void Request(Client* client);
  // Work waits for a connection.
  void Hurry();
  // A client closed a connection that it got.
  void Closed();
  // It lost the connection, or closed it because it leads to a read-only server. `lived` is for how
  // long the connection was open.
  void Lost(absl::Duration lived);
  void FoundReadOnly(absl::Duration lived);

  // False: the last attempt failed and no connection is open.
  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }
  // `verify` refused the database the last time. Connections that are open must not be used either.
  bool unsafe() const { return unsafe_.load(std::memory_order_relaxed); }
  // What a call is told that finds no connection.
  absl::Status WhyNoConnection() const;
  // The last attempt failed.
  bool failing() const { return failing_.load(std::memory_order_relaxed); }

  // Lends a connection for an interactive transaction, at most interactive_connections_max at a
  // time. Waits for one, and opens it, until `until` at the latest. RESOURCE_EXHAUSTED
  // (QUEUE_WAIT_EXCEEDED) or UNAVAILABLE when there is none.
  absl::StatusOr<TenantConnection> Borrow(absl::Time until);
  // Must follow each success of Borrow. Null when the connection is not to be used again.
  void Return(std::unique_ptr<TenantConnection> connection);

  const ExecutorOptions& options() const { return options_; }
  // It watches connections of this pool, and stops with it.
  Watchdog& watchdog() { return watchdog_; }

  // From now on no connection is opened or lent. Waits until `until` for those that are lent, then
  // breaks them, and ends attempts that are under way.
  void Stop(absl::Time until);

 private:
  void Run();
  bool Due() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time DueAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time WakeAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AttemptFor(Client* client);
  void Look();
  absl::StatusOr<TenantConnection> Open(absl::Time until);
  void TellOfPooler(const Session& session);
  bool RecordSuccess(absl::Time began) ABSL_LOCKS_EXCLUDED(mutex_);
  void RecordFailure(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);
  void RecordRefusal(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);
  void BackOff() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BackOffIfShort(absl::Duration lived) ABSL_LOCKS_EXCLUDED(mutex_);
  void SetState(const absl::Status& state);
  std::vector<Client*> Waiting();

  const ExecutorOptions& options_;
  const Executor::Hooks hooks_;
  PgMetrics& metrics_;
  std::atomic<bool> reachable_{true};  // until an attempt fails
  std::atomic<bool> unsafe_{false};
  std::atomic<bool> failing_{false};
  std::atomic<int> up_{0};  // connections open
  std::atomic<bool> pooler_told_{false};

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Client*> requests_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;  // in a row
  absl::Time failed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_attempt_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time refused_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // by `verify`, last
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);
  int borrowed_ ABSL_GUARDED_BY(mutex_) = 0;
  // Last in, first out: the caches of that backend are the warmest.
  std::vector<std::unique_ptr<TenantConnection>> idle_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex state_mutex_;  // keeps calls of on_state in order; held only around them
  std::optional<absl::Status> told_ ABSL_GUARDED_BY(state_mutex_);

  Watchdog watchdog_;
  std::thread thread_;
};

}  // namespace tenantry::pg
