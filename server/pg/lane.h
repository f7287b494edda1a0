// A thread that owns a few connections and keeps many transactions in flight over them.
//
// In each turn of its loop it takes the transactions that were submitted, puts them on the least
// loaded connections, writes, waits for answers, and ends the transactions that were answered. Only
// the mailbox and the news are shared with other threads.
#pragma once

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/pg/backlog.h"
#include "server/pg/executor.h"
#include "server/pg/links.h"
#include "server/pg/pg_metrics.h"
#include "server/pg/pipeline.h"
#include "server/pg/pool.h"
#include "server/pg/queue.h"
#include "server/pg/reactor.h"
#include "server/pg/route.h"

namespace tenantry::pg {

class Lane final : public Pool::Client, public Pipeline::Owner {
 public:
  // `waiting` counts the transactions of all lanes that are not sent yet.
  Lane(const ExecutorOptions& options, Pool& pool, PgMetrics& metrics, std::atomic<int>& waiting);
  ~Lane() override;

  // Any thread. False: the lane has ended and does not take the transaction.
  bool Submit(TenantTransaction* transaction);
  // Any thread. How many transactions of this lane have not ended.
  int load() const { return load_.load(std::memory_order_relaxed); }
  // Any thread. Opens a first connection before there is work.
  void Warm();
  // Any thread. The lane ends when its work is done, and at the latest at `until`.
  void Drain(absl::Time until);
  void Join();

  void Connected(TenantConnection opened) override;
  void ConnectFailed(absl::Time began) override;

 private:
  // What other threads tell the lane, apart from transactions.
  struct News {
    std::vector<std::unique_ptr<TenantConnection>> connections;
    bool connect_failed = false;
    absl::Time failed_attempt_began = absl::InfinitePast();
    bool warm = false;
    absl::Time drain_until = absl::InfiniteFuture();
  };
  // What this lane last added to the gauges, which all lanes share.
  struct Told {
    std::int64_t idle = 0, busy = 0, in_flight = 0;
  };

  void Run();
  void TakeNews();
  void TakeSubmissions();
  void StandStill();
  void Dispatch();
  // Whether a transaction was sent, and if not, why.
  enum class Sent { kYes, kNoRoom, kOverShare };
  Sent DispatchFirst(TransactionQueue& queue);
  bool OverShare(const TenantTransaction& transaction, const Link* link) const;
  absl::Time OpenedAfter(const TenantTransaction& transaction) const;
  bool Refuse(TenantTransaction* transaction);
  bool Start(Link* link, const Group& group);
  void WantConnection(Access access);
  void AskFor(Route route);
  void WriteTouched();
  void Wait();
  absl::Duration WaitTime() const;
  void OnReady(Link* link);

  void Sweep();
  void SweepBacklog();
  absl::Status WhyNotWait(const TenantTransaction& transaction) const;
  void SweepLinks();
  void MoveHeldUp(const Link& link);
  void CloseLinks();
  void Close(std::unique_ptr<Link> link);
  void FailWaiting(absl::Time since, const absl::Status& status);
  bool Finished() const;
  void CloseAll();

  void Ended(Outcome outcome) override;
  void Abandoned(TenantTransaction* transaction) override;
  void GivenBack(TenantTransaction* transaction) override;
  void EndRefused(TenantTransaction* transaction, const Failure& failure);
  void EndLost(const Outcome& outcome);
  void Requeue(TenantTransaction* transaction);
  bool RestsAfter(TenantTransaction* transaction, const Failure& failure);
  void WakeRested();
  void Finish(TenantTransaction* transaction, absl::Status status,
              absl::InlinedVector<ResultRows, 1> results = {});
  void EndWaiting(TenantTransaction* transaction, absl::Status status);
  void UpdateGauges();

  const ExecutorOptions& options_;
  Pool& pool_;
  PgMetrics& metrics_;
  std::atomic<int>& waiting_;

  Mailbox mailbox_;
  Reactor reactor_;
  std::atomic<int> load_{0};
  absl::Mutex news_mutex_;
  News news_ ABSL_GUARDED_BY(news_mutex_);
  std::atomic<bool> has_news_{false};

  // Everything below is used by the lane's thread alone.
  absl::Time now_;
  absl::Time next_sweep_ = absl::InfinitePast();
  absl::Time drain_until_ = absl::InfiniteFuture();
  bool draining_ = false;
  Backlog backlog_;
  TransactionQueue resting_;  // after a conflict, until their time comes
  std::minstd_rand random_{std::random_device()()};
  Links links_;
  ByRoute<bool> connecting_;  // the pool was asked for a connection and has not opened it yet
  bool hurried_ = false;      // the pool was told that work waits
  Told told_;
  bool gauges_stale_ = false;

  std::thread thread_;
};

}  // namespace tenantry::pg
