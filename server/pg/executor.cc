#include "server/pg/executor.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/pg/failure.h"
#include "server/pg/lane.h"
#include "server/pg/pg_metrics.h"
#include "server/pg/pool.h"
#include "server/pg/route.h"

namespace tenantry::pg {
namespace {

// How long the destructor waits when nobody called Shutdown.
constexpr absl::Duration kDestructorGrace = absl::Milliseconds(100);

}  // namespace

class Executor::Impl {
 public:
  Impl(ExecutorOptions options, Hooks hooks, MetricRegistry& registry)
      : options_(std::move(options)),
        metrics_(registry),
        pool_(options_, std::move(hooks), metrics_) {
    const int lanes = std::max(options_.lanes, 1);
    TellLimits(lanes);
    for (int i = 0; i < lanes; ++i) {
      lanes_.push_back(std::make_unique<Lane>(options_, pool_, metrics_, waiting_));
    }
  }

  void Submit(TenantTransaction* transaction) {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) >= options_.queue_max) {
      return Refuse(transaction, QueueFull());
    }
    if (draining_.load(std::memory_order_relaxed) || !LeastLoaded().Submit(transaction)) {
      Refuse(transaction, ShuttingDown());
    }
  }

  void Warm() {
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->Warm();
  }

  void Shutdown(absl::Duration grace) {
    draining_ = true;
    const absl::Time until = absl::Now() + grace;
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->Drain(until);
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->Join();
    pool_.Stop(until);
  }

  Pool& pool() { return pool_; }
  const ExecutorOptions& options() const { return options_; }

 private:
  void TellLimits(int lanes) {
    for (const RouteInfo& info : kRoutes) {
      const int users = info.use == Use::kByLane ? lanes : 1;
      metrics_.connections_max_of[info.route]->Set(users * ConnectionsMax(info.route, options_));
    }
  }

  Lane& LeastLoaded() {
    if (lanes_.size() == 1) return *lanes_.front();
    return **std::min_element(lanes_.begin(), lanes_.end(),
                              [](const auto& a, const auto& b) { return a->load() < b->load(); });
  }

  void Refuse(TenantTransaction* transaction, absl::Status status) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    metrics_.rejected.Add();
    transaction->Done(std::move(status), {});
  }

  const ExecutorOptions options_;
  PgMetrics metrics_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> draining_{false};
  Pool pool_;
  // The pool's thread calls the lanes. Shutdown stops it before they are destroyed.
  std::vector<std::unique_ptr<Lane>> lanes_;
};

Executor::Executor(ExecutorOptions options, Hooks hooks, MetricRegistry& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(hooks), metrics)) {}

Executor::~Executor() { Shutdown(kDestructorGrace); }

void Executor::Submit(TenantTransaction* transaction) {
  transaction->queued_at = transaction->waits_since_ = absl::Now();
  impl_->Submit(transaction);
}

void Executor::Warm() { impl_->Warm(); }

bool Executor::reachable() const { return impl_->pool().reachable(); }

void Executor::Shutdown(absl::Duration grace) { impl_->Shutdown(grace); }

Pool& Executor::pool() { return impl_->pool(); }

const ExecutorOptions& Executor::options() const { return impl_->options(); }

}  // namespace tenantry::pg
