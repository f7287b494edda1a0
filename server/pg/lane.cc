#include "server/pg/lane.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/pg/failure.h"

namespace tenantry::pg {
namespace {

// Deadlines and waits are kept to this precision.
constexpr absl::Duration kSweepInterval = absl::Milliseconds(10);
// Idle connections are looked at this often.
constexpr absl::Duration kIdleLookInterval = absl::Seconds(10);
// While there is no connection, a call is answered UNAVAILABLE this long before its deadline, so
// that the answer arrives in time. A call with little time gets the answer a fifth of its time
// before.
constexpr absl::Duration kAnswerTime = absl::Milliseconds(40);
// When one connection is lost, the others get this long to show that they are lost too.
constexpr absl::Duration kLossSettles = absl::Milliseconds(20);
// The protocol counts parameters in 16 bits.
constexpr std::size_t kParamsMax = 65535;

}  // namespace

Lane::Lane(const ExecutorOptions& options, Pool& pool, PgMetrics& metrics,
           std::atomic<int>& waiting)
    : options_(options),
      pool_(pool),
      metrics_(metrics),
      waiting_(waiting),
      backlog_(options),
      links_(options),
      thread_([this] { Run(); }) {}

Lane::~Lane() {
  Drain(absl::InfinitePast());
  Join();
}

void Lane::Join() {
  if (thread_.joinable()) thread_.join();
}

bool Lane::Submit(TenantTransaction* transaction) {
  load_.fetch_add(1, std::memory_order_relaxed);
  if (!mailbox_.Push(transaction)) {
    load_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  reactor_.Wake();
  return true;
}

void Lane::Warm() {
  {
    absl::MutexLock lock(&news_mutex_);
    news_.warm = true;
  }
  has_news_ = true;
  reactor_.Wake();
}

void Lane::Drain(absl::Time until) {
  {
    absl::MutexLock lock(&news_mutex_);
    news_.drain_until = std::min(news_.drain_until, until);
  }
  has_news_ = true;
  reactor_.Wake();
}

void Lane::Connected(TenantConnection opened) {
  {
    absl::MutexLock lock(&news_mutex_);
    news_.connections.push_back(std::make_unique<TenantConnection>(std::move(opened)));
  }
  has_news_ = true;
  reactor_.Wake();
}

void Lane::ConnectFailed(absl::Time began) {
  {
    absl::MutexLock lock(&news_mutex_);
    news_.connect_failed = true;
    news_.failed_attempt_began = began;
  }
  has_news_ = true;
  reactor_.Wake();
}

void Lane::Run() {
  while (!Finished()) {
    now_ = absl::Now();
    if (has_news_) TakeNews();
    TakeSubmissions();
    WakeRested();
    if (pool_.unsafe()) StandStill();
    if (now_ >= next_sweep_) Sweep();
    CloseLinks();
    Dispatch();
    WriteTouched();
    Wait();
  }
  CloseAll();
}

bool Lane::Finished() const {
  if (!draining_) return false;
  if (absl::Now() >= drain_until_) return true;
  return mailbox_.empty() && backlog_.empty() && resting_.empty() && links_.AllIdle();
}

void Lane::TakeNews() {
  has_news_ = false;
  News news;
  {
    absl::MutexLock lock(&news_mutex_);
    news.drain_until = news_.drain_until;
    std::swap(news, news_);
    news_.drain_until = news.drain_until;
  }
  for (std::unique_ptr<TenantConnection>& connection : news.connections) {
    if (links_.empty()) links_.service_time().Start(connection->session.round_trip);
    Link& link = links_.Add(
        std::make_unique<Pipeline>(std::move(*connection), options_, *this, metrics_), now_);
    reactor_.Add(link.pipeline->socket(), &link);
    connecting_[link.route()] = false;
    hurried_ = false;
    gauges_stale_ = true;
  }
  if (news.connect_failed) {
    hurried_ = false;
    if (links_.empty()) FailWaiting(news.failed_attempt_began, pool_.WhyNoConnection());
  }
  if (news.warm && links_.empty()) WantConnection(Access::kReadOnly);
  drain_until_ = news.drain_until;
  draining_ = drain_until_ != absl::InfiniteFuture();
}

void Lane::TakeSubmissions() {
  TransactionQueue arrived;
  mailbox_.TakeAll(&arrived);
  gauges_stale_ = gauges_stale_ || !arrived.empty();
  while (!arrived.empty()) {
    TenantTransaction* transaction = arrived.PopFront();
    if (Refuse(transaction)) continue;
    backlog_.Add(transaction);
  }
}

// The database was found unsafe. What is in flight may end; nothing more is sent, and connections
// that were verified before are given up.
void Lane::StandStill() {
  for (const std::unique_ptr<Link>& link : links_) {
    if (link->pipeline->idle()) link->closing = true;
  }
  FailWaiting(absl::InfiniteFuture(), DatabaseUnsafe());
}

// When writes find no room, reads go on, and the other way round. Nobody waits behind a tenant that
// has taken its share.
void Lane::Dispatch() {
  backlog_.VisitLines([this](TransactionQueue& line) {
    while (!line.empty() && DispatchFirst(line) == Sent::kYes) {
    }
  });
  bool reads_go = true, writes_go = true;
  while (TransactionQueue* queue = backlog_.First(reads_go, writes_go)) {
    const Access access = queue->front()->access();
    switch (DispatchFirst(*queue)) {
      case Sent::kYes:
        break;
      case Sent::kNoRoom:
        (access == Access::kReadOnly ? reads_go : writes_go) = false;
        break;
      case Sent::kOverShare:
        backlog_.HoldBack(*queue);
        break;
    }
  }
}

// It also returns kYes when the transaction has ended without being sent.
Lane::Sent Lane::DispatchFirst(TransactionQueue& queue) {
  TenantTransaction* first = queue.front();
  const Access access = first->access();
  if (now_ >= first->deadline) {
    queue.PopFront();
    EndWaiting(first, DeadlineExceeded());
    return Sent::kYes;
  }
  Link* link = links_.Choose(access, OpenedAfter(*first), now_);
  if (OverShare(*first, link)) return Sent::kOverShare;
  if (link == nullptr || !link->pipeline->idle()) WantConnection(access);
  if (link == nullptr) return Sent::kNoRoom;
  const Group group = backlog_.Take(queue, options_.reads_per_transaction_max, now_);
  if (Start(link, group)) return Sent::kYes;
  for (auto last = group.rbegin(); last != group.rend(); ++last) backlog_.PutBack(*last);
  return Sent::kYes;
}

// A read takes a place for writes only when it finds none on the connections for reads.
bool Lane::OverShare(const TenantTransaction& transaction, const Link* link) const {
  if (transaction.access() == Access::kReadOnly) {
    const bool strays = link == nullptr || link->route() == Route::kWrites;
    if (!strays || links_.RouteFor(Access::kReadWrite) == Route::kReads) return false;
  }
  return links_.OverShare(transaction.identity().tenant(), !pool_.failing());
}

// What ends one connection often ends all of them. So a transaction whose connection was lost takes
// only a newer one, until the others have had the time to show that they are lost too.
absl::Time Lane::OpenedAfter(const TenantTransaction& transaction) const {
  const bool distrust =
      transaction.connections_lost_ > 0 && now_ < transaction.waits_since_ + kLossSettles;
  return distrust ? transaction.waits_since_ : absl::InfinitePast();
}

bool Lane::Refuse(TenantTransaction* transaction) {
  for (const Statement& statement : transaction->statements) {
    if (statement.params.size() <= kParamsMax) continue;
    EndWaiting(transaction, absl::InternalError("the statement has too many parameters"));
    return true;
  }
  return false;
}

bool Lane::Start(Link* link, const Group& group) {
  if (!link->pipeline->Begin(group, now_)) {
    link->broken = true;
    return false;
  }
  waiting_.fetch_sub(static_cast<int>(group.size()), std::memory_order_relaxed);
  metrics_.shared.Add(static_cast<std::int64_t>(group.size()) - 1);
  for (const TenantTransaction* transaction : group) {
    metrics_.queue_seconds.Observe(absl::ToDoubleSeconds(now_ - transaction->queued_at));
  }
  link->touched = true;
  return true;
}

void Lane::WantConnection(Access access) {
  const Route route = links_.RouteFor(access);
  AskFor(route);
  // While the connections for reads are blocked, reads go on those for writes.
  if (access == Access::kReadOnly && !links_.HasPlaceFor(route) && links_.AnyBlocked(route, now_)) {
    AskFor(Route::kWrites);
  }
  if (links_.empty() && !hurried_) {
    hurried_ = true;
    pool_.Hurry();
  }
}

void Lane::AskFor(Route route) {
  if (connecting_[route] || !links_.HasPlaceFor(route)) return;
  connecting_[route] = true;
  pool_.Request(this, route);
}

void Lane::WriteTouched() {
  for (const std::unique_ptr<Link>& link : links_) {
    if (!link->touched || link->broken) continue;
    link->touched = false;
    bool pending = false;
    if (!link->pipeline->Flush(&pending)) link->broken = true;
    if (pending == link->wants_write) continue;
    link->wants_write = pending;
    reactor_.WaitForWriting(link->pipeline->socket(), link.get(), pending);
  }
}

void Lane::Wait() {
  reactor_.Wait(
      WaitTime(), [this] { return !mailbox_.empty() || has_news_; },
      [this](void* tag) { OnReady(static_cast<Link*>(tag)); });
}

absl::Duration Lane::WaitTime() const {
  bool busy = draining_ || !backlog_.empty() || !resting_.empty();
  for (const std::unique_ptr<Link>& link : links_) {
    if (link->broken) return absl::ZeroDuration();
    busy = busy || !link->pipeline->idle();
  }
  // One more sweep is needed: it tells the gauges that nothing is left to do.
  if (busy || gauges_stale_) return kSweepInterval;
  if (links_.size() <= 1) return absl::InfiniteDuration();
  return std::min(kIdleLookInterval, options_.idle_timeout);
}

void Lane::OnReady(Link* link) {
  // libpq closes the socket of a lost connection itself, and usually the reactor forgets it then.
  // It does not while a child process has a copy of the socket, between fork and exec. So the link
  // may be gone by now.
  if (!links_.Holds(link)) return;
  now_ = absl::Now();
  if (!link->pipeline->OnReadable(now_)) link->broken = true;
  link->touched = link->wants_write;
}

void Lane::Sweep() {
  next_sweep_ = now_ + kSweepInterval;
  SweepBacklog();
  SweepLinks();
  UpdateGauges();
}

void Lane::SweepBacklog() {
  backlog_.RemoveIf([this](TenantTransaction* transaction) {
    absl::Status status = WhyNotWait(*transaction);
    if (status.ok()) return false;
    EndWaiting(transaction, std::move(status));
    return true;
  });
}

absl::Status Lane::WhyNotWait(const TenantTransaction& transaction) const {
  const absl::Duration waited = now_ - transaction.waits_since_;
  const bool connected = !links_.empty();
  if (!connected) {
    const absl::Duration spare =
        std::min(kAnswerTime, (transaction.deadline - transaction.queued_at) / 5);
    const absl::Duration wait_max = pool_.failing()
                                        ? std::min(options_.down_wait_max, options_.queue_wait_max)
                                        : options_.queue_wait_max;
    if (now_ >= transaction.deadline - spare || waited > wait_max) return pool_.WhyNoConnection();
    return absl::OkStatus();
  }
  if (now_ >= transaction.deadline) return DeadlineExceeded();
  if (waited > options_.queue_wait_max) return QueueWaitExceeded();
  return absl::OkStatus();
}

void Lane::SweepLinks() {
  std::size_t left = links_.size();
  for (const std::unique_ptr<Link>& link : links_) {
    Pipeline& pipeline = *link->pipeline;
    pipeline.AbandonExpired(now_);
    if (links_.Blocked(*link, now_)) MoveHeldUp(*link);
    if (pipeline.Overdue(now_)) {
      Log(LogLevel::kWarn, "no answer: the connection counts as lost",
          {{"backend", pipeline.backend_pid()}});
      link->broken = true;
    }
    const bool surplus = left > 1 && now_ - pipeline.idle_since() > options_.idle_timeout;
    if (!pipeline.idle() || !(surplus || pipeline.retiring())) continue;
    --left;
    metrics_.connections_idle_closed.Add();
    link->closing = true;
  }
}

// A read may have been sent before it was known that the transaction ahead of it is blocked. It
// need not wait for that.
void Lane::MoveHeldUp(const Link& link) {
  if (link.pipeline->FirstHeldUp() == nullptr) return;
  if (links_.Choose(Access::kReadOnly, absl::InfinitePast(), now_) == nullptr) {
    return WantConnection(Access::kReadOnly);
  }
  link.pipeline->GiveBackHeldUp();
}

void Lane::CloseLinks() {
  std::vector<std::unique_ptr<Link>> closed = links_.TakeClosed();
  if (closed.empty()) return;
  gauges_stale_ = true;
  for (std::unique_ptr<Link>& link : closed) Close(std::move(link));
  if (links_.empty()) WantConnection(Access::kReadOnly);
}

// The connection is counted no more when the pool hears why it was closed.
void Lane::Close(std::unique_ptr<Link> link) {
  Pipeline& pipeline = *link->pipeline;
  const absl::Duration lived = now_ - link->since;
  const bool lost = link->broken, read_only = !lost && pipeline.retiring();
  reactor_.Remove(pipeline.socket());
  if (lost) {
    Log(LogLevel::kWarn, "connection lost",
        {{"backend", pipeline.backend_pid()}, {"why", pipeline.why_lost()}});
    pipeline.Lose();
  } else if (read_only) {
    Log(LogLevel::kWarn, "connection closed: its server has become read-only",
        {{"backend", pipeline.backend_pid()}});
  }
  link.reset();
  if (lost) pool_.Lost(lived);
  if (read_only) pool_.FoundReadOnly(lived);
}

// Ends the transactions that have waited since `since` or longer. What arrived while an attempt to
// connect was under way waits for the next attempt: the database may have come up meanwhile.
void Lane::FailWaiting(absl::Time since, const absl::Status& status) {
  backlog_.RemoveIf([&](TenantTransaction* transaction) {
    if (transaction->waits_since_ > since) return false;
    EndWaiting(transaction, status);
    return true;
  });
}

void Lane::CloseAll() {
  TransactionQueue last;
  mailbox_.Close(&last);
  while (!last.empty()) backlog_.Add(last.PopFront());
  FailWaiting(absl::InfiniteFuture(), ShuttingDown());
  for (const std::unique_ptr<Link>& link : links_) {
    reactor_.Remove(link->pipeline->socket());
    link->pipeline->Lose();
  }
  links_.Clear();
  // Some would have been sent again.
  while (!resting_.empty()) Requeue(resting_.PopFront());
  FailWaiting(absl::InfiniteFuture(), ShuttingDown());
  UpdateGauges();
}

void Lane::UpdateGauges() {
  Told now;
  for (const std::unique_ptr<Link>& link : links_) {
    ++(link->pipeline->idle() ? now.idle : now.busy);
    now.in_flight += link->pipeline->in_flight();
  }
  metrics_.connections_idle.Add(now.idle - told_.idle);
  metrics_.connections_busy.Add(now.busy - told_.busy);
  metrics_.in_flight.Add(now.in_flight - told_.in_flight);
  const int waiting = waiting_.load(std::memory_order_relaxed);
  metrics_.waiting.Set(waiting);
  told_ = now;
  // A sweep may come between a transaction's arrival and its being sent.
  gauges_stale_ = now.busy > 0 || waiting > 0;
}

}  // namespace tenantry::pg
