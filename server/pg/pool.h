// Opens connections to one endpoint. One thread opens them for the lanes, so that a slow or dead
// host never holds up a lane. Those that are lent are opened on the thread that borrows them.
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
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/open.h"
#include "server/pg/pg_metrics.h"
#include "server/pg/route.h"
#include "server/pg/watchdog.h"

namespace tenantry::pg {

class Pool {
 public:
  // One of the places among the connections of a route that is lent. It is taken for as long as
  // this exists.
  class Place {
   public:
    Place(Place&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), route_(other.route_) {}
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class Pool;
    Place(Pool& pool, Route route) : pool_(&pool), route_(route) {}

    Pool* pool_;
    Route route_;
  };

  // A connection that is lent. At its end the connection is closed, since nobody knows what its
  // session holds, unless it was given back.
  class Lease {
   public:
    TenantConnection& operator*() const { return *connection_; }
    // The next may have the connection, when its session can be made as it was at the beginning.
    void GiveBack() &&;

   private:
    friend class Pool;
    Lease(Place place, std::unique_ptr<TenantConnection> connection)
        : place_(std::move(place)), connection_(std::move(connection)) {}

    Place place_;  // is free when the connection is closed
    std::unique_ptr<TenantConnection> connection_;
  };

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

  // `client` wants one more connection of this route, and is told when it is open. The lanes
  // themselves keep to the number that each may have.
  void Request(Client* client, Route route);
  // Work waits for a connection.
  void Hurry();
  // A client has lost a connection, or has closed it because it leads to a read-only server.
  // `lived` is for how long the connection was open.
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

  // Lends a connection of this route. Waits for one, and opens it, until `until` at the latest.
  // RESOURCE_EXHAUSTED (QUEUE_WAIT_EXCEEDED) or UNAVAILABLE when there is none.
  absl::StatusOr<Lease> Borrow(Route route, absl::Time until);

  const ExecutorOptions& options() const { return options_; }
  PgMetrics& metrics() const { return metrics_; }
  // It watches connections of this pool, and stops with it.
  Watchdog& watchdog() { return watchdog_; }

  // From now on no connection is opened or lent. Waits until `until` for those that are lent, then
  // breaks them, and ends attempts that are under way.
  void Stop(absl::Time until);

 private:
  struct Wish {
    Client* client;
    Route route;
  };
  struct Lent {
    int taken = 0;  // places
    // Last in, first out: the caches of that backend are the warmest.
    std::vector<std::unique_ptr<TenantConnection>> idle;
  };

  absl::StatusOr<Place> TakePlace(Route route, absl::Time until) ABSL_LOCKS_EXCLUDED(mutex_);
  void FreePlace(Route route) ABSL_LOCKS_EXCLUDED(mutex_);
  std::unique_ptr<TenantConnection> TakeIdle(Route route) ABSL_LOCKS_EXCLUDED(mutex_);
  void KeepIdle(std::unique_ptr<TenantConnection> connection) ABSL_LOCKS_EXCLUDED(mutex_);
  bool KnownToBeDown() ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run();
  bool Due() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time DueAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time WakeAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AttemptFor(Wish wish);
  void Look();
  absl::StatusOr<TenantConnection> Open(Route route, absl::Time until);
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
  OpenConnections open_;
  std::atomic<bool> pooler_told_{false};

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Wish> wishes_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;  // in a row
  absl::Time failed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_attempt_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time refused_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // by `verify`, last
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);
  ByRoute<Lent> lent_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex state_mutex_;  // keeps calls of on_state in order; held only around them
  std::optional<absl::Status> told_ ABSL_GUARDED_BY(state_mutex_);

  Watchdog watchdog_;
  std::thread thread_;
};

}  // namespace tenantry::pg
