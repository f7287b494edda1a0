// The bounded set of database connections. One thread opens them for the lanes, so that a slow or
// dead host never holds up a lane; interactive transactions open theirs on their own workers.
//
// Failed attempts are spaced by an exponential back-off with jitter, shortened while work waits for
// a connection: the first call after a recovery finds it within reconnect_backoff_waited_max.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
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
    // The request stands; the next attempt comes after the back-off. The failed one began then.
    virtual void ConnectFailed(absl::Time began) = 0;
  };

  Pool(const ExecutorOptions& options, Executor::Hooks hooks, PgMetrics& metrics);
  ~Pool();

  // `client` wants one more connection; it is told when there is one. Bounded by the lanes, of
  // which each knows how many it may have.
  void Request(Client* client);
  // Work waits for a connection.
  void Hurry();
  // A client closed a connection it got, or lost it `after` so long.
  void Closed();
  void Lost(absl::Duration after);

  // False: the last attempt failed and no connection is up.
  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }
  // The last attempt failed.
  bool failing() const { return failing_.load(std::memory_order_relaxed); }

  // For interactive transactions, at most interactive_connections_max at a time. Blocks for one
  // until `until`, opening it included; RESOURCE_EXHAUSTED (QUEUE_WAIT_EXCEEDED) or UNAVAILABLE.
  absl::StatusOr<TenantConnection> Borrow(absl::Time until);
  // Each success of Borrow is followed by one of these; null when the connection is broken.
  void Return(std::unique_ptr<TenantConnection> connection);

  const ExecutorOptions& options() const { return options_; }
  // Over connections of this pool; stops with it.
  Watchdog& watchdog() { return watchdog_; }

  // No connection is opened or lent any more. Waits until `until` for those that are lent, then
  // breaks them, and attempts under way.
  void Stop(absl::Time until);

 private:
  void Run();
  bool Due() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time DueAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AttemptFor(Client* client);
  absl::StatusOr<TenantConnection> Open(absl::Time until);
  void TellOfPooler(const Session& session);
  void RecordSuccess() ABSL_LOCKS_EXCLUDED(mutex_);
  void RecordFailure(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);
  void BackOff() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetReachable(bool reachable, const std::string& why);
  std::vector<Client*> Waiting();

  const ExecutorOptions& options_;
  const Executor::Hooks hooks_;
  PgMetrics& metrics_;
  std::atomic<bool> reachable_{true};  // until shown otherwise: it was not tried yet
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
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);
  int borrowed_ ABSL_GUARDED_BY(mutex_) = 0;
  // Last in, first out: its caches are the warmest.
  std::vector<std::unique_ptr<TenantConnection>> idle_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex state_mutex_;  // orders on_state calls; held only around the hook
  bool state_told_ ABSL_GUARDED_BY(state_mutex_) = false;
  bool told_reachable_ ABSL_GUARDED_BY(state_mutex_) = false;

  Watchdog watchdog_;
  std::thread thread_;
};

}  // namespace tenantry::pg
