#include "server/pg/pool.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/pg/failure.h"
#include "server/pg/open.h"

namespace tenantry::pg {
namespace {

// A connection that was open for less counts as refused. A proxy whose database is down accepts
// connections and closes them at once.
constexpr absl::Duration kShortLife = absl::Seconds(1);

}  // namespace

Pool::Pool(const ExecutorOptions& options, Executor::Hooks hooks, PgMetrics& metrics)
    : options_(options),
      hooks_(std::move(hooks)),
      metrics_(metrics),
      open_(metrics.connections_of),
      random_(std::random_device()()),
      thread_([this] { Run(); }) {}

Pool::~Pool() { Stop(absl::InfinitePast()); }

void Pool::Stop(absl::Time until) {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    auto returned = [this] {
      return std::all_of(lent_.begin(), lent_.end(),
                         [](const Lent& lent) { return lent.taken == 0; });
    };
    mutex_.AwaitWithDeadline(absl::Condition(&returned), until);
  }
  watchdog_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Pool::Request(Client* client, Route route) {
  absl::MutexLock lock(&mutex_);
  wishes_.push_back({client, route});
}

void Pool::Hurry() {
  absl::MutexLock lock(&mutex_);
  hurried_ = true;
}

void Pool::Lost(absl::Duration lived) {
  metrics_.connections_lost.Add();
  BackOffIfShort(lived);
}

void Pool::FoundReadOnly(absl::Duration lived) {
  metrics_.connections_read_only.Add();
  BackOffIfShort(lived);
}

void Pool::BackOffIfShort(absl::Duration lived) {
  absl::MutexLock lock(&mutex_);
  if (lived < kShortLife) BackOff();
}

absl::Time Pool::DueAt() const {
  if (!hurried_) return next_attempt_;
  return std::min(next_attempt_, failed_at_ + options_.reconnect_backoff_waited_max);
}

// When the next thing is to be done, as far as is known now.
absl::Time Pool::WakeAt() const {
  return wishes_.empty() ? next_look_ : std::min(DueAt(), next_look_);
}

bool Pool::Due() const { return stopping_ || absl::Now() >= WakeAt(); }

absl::Status Pool::WhyNoConnection() const {
  return unsafe() ? DatabaseUnsafe() : DatabaseUnavailable();
}

void Pool::Run() {
  while (true) {
    std::optional<Wish> wish;
    {
      absl::MutexLock lock(&mutex_);
      while (!Due()) {
        // Wakes when a request comes or work begins to wait, and when the back-off is over or the
        // next look is due.
        const bool none = wishes_.empty();
        const bool calm = !hurried_;
        const absl::Time look = next_look_;
        auto news = [&] {
          return stopping_ || wishes_.empty() != none || (calm && hurried_) || next_look_ < look;
        };
        mutex_.AwaitWithDeadline(absl::Condition(&news), WakeAt());
      }
      if (stopping_) return;
      if (!wishes_.empty() && absl::Now() >= DueAt()) {
        wish = wishes_.front();
        wishes_.pop_front();
        hurried_ = false;
      }
    }
    if (wish.has_value()) {
      AttemptFor(*wish);
    } else {
      Look();
    }
  }
}

void Pool::AttemptFor(Wish wish) {
  const absl::Time began = absl::Now();
  metrics_.connections_connecting.Add(1);
  absl::StatusOr<TenantConnection> connection = Open(wish.route, absl::InfiniteFuture());
  metrics_.connections_connecting.Add(-1);
  if (connection.ok()) return wish.client->Connected(*std::move(connection));
  {
    absl::MutexLock lock(&mutex_);
    wishes_.push_front(wish);
  }
  for (Client* waiting : Waiting()) waiting->ConnectFailed(began);
}

// Connections that are open say nothing of what became of the database since. So it is verified on
// a fresh one from time to time, which is closed again. Only a verdict counts: that there is no
// room for one more connection is no news.
void Pool::Look() {
  const absl::Time began = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    next_look_ = began + std::max(options_.verify_interval, options_.reconnect_backoff_max);
  }
  absl::StatusOr<TenantConnection> connection =
      OpenTenantConnection(options_, hooks_.verify, watchdog_, absl::InfiniteFuture());
  if (connection.ok()) {
    RecordSuccess(began);
  } else if (absl::IsFailedPrecondition(connection.status())) {
    RecordRefusal(connection.status());
  }
}

std::vector<Pool::Client*> Pool::Waiting() {
  absl::MutexLock lock(&mutex_);
  std::vector<Client*> clients;
  for (const Wish& wish : wishes_) clients.push_back(wish.client);
  std::sort(clients.begin(), clients.end());
  clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
  return clients;
}

absl::StatusOr<TenantConnection> Pool::Open(Route route, absl::Time until) {
  const absl::Time began = absl::Now();
  absl::StatusOr<TenantConnection> connection =
      OpenTenantConnection(options_, hooks_.verify, watchdog_, until);
  if (connection.ok()) {
    connection->slot = open_.Add(route);
    TellOfPooler(connection->session);
    if (!RecordSuccess(began)) return DatabaseUnsafe();
  } else if (watchdog_.stopped()) {
    return ShuttingDown();
  } else if (absl::IsFailedPrecondition(connection.status())) {
    RecordRefusal(connection.status());
  } else if (absl::Now() < until) {
    // An attempt that ended because the caller had no more time says nothing about the database.
    RecordFailure(connection.status());
  }
  return connection;
}

void Pool::TellOfPooler(const Session& session) {
  if (!session.pooled || pooler_told_.exchange(true)) return;
  Log(LogLevel::kInfo, "a pooler stands before the database",
      {{"prepared_statements", session.prepared ? "kept" : "not used"}});
}

// False: another attempt, which was verified later, was refused meanwhile. The connection must not
// be used.
bool Pool::RecordSuccess(absl::Time began) {
  {
    absl::MutexLock lock(&mutex_);
    if (began <= refused_at_) return false;
    failures_ = 0;
    next_attempt_ = absl::InfinitePast();
    if (hooks_.verify && options_.verify_interval > absl::ZeroDuration()) {
      next_look_ = absl::Now() + options_.verify_interval;
    }
  }
  metrics_.connected.Add();
  failing_ = false;
  SetState(absl::OkStatus());
  return true;
}

void Pool::RecordFailure(const absl::Status& why) {
  metrics_.connect_failed.Add();
  Log(LogLevel::kWarn, "cannot connect to the database", {{"why", std::string(why.message())}});
  {
    absl::MutexLock lock(&mutex_);
    BackOff();
  }
  failing_ = true;
  if (open_.total() == 0) SetState(absl::UnavailableError(why.message()));
}

void Pool::RecordRefusal(const absl::Status& why) {
  metrics_.connect_failed.Add();
  {
    absl::MutexLock lock(&mutex_);
    refused_at_ = absl::Now();
    // Nobody else may ask for a connection: lanes without calls keep those they have.
    next_look_ = refused_at_ + options_.reconnect_backoff_max;
    BackOff();
  }
  failing_ = true;
  SetState(why);
}

void Pool::BackOff() {
  absl::Duration pause = options_.reconnect_backoff_min;
  for (int i = 0; i < failures_ && pause < options_.reconnect_backoff_max; ++i) pause *= 2;
  pause = std::min(pause, options_.reconnect_backoff_max);
  ++failures_;
  failed_at_ = absl::Now();
  // Half fixed, half random: when many servers lose one database, they do not all come back at
  // once.
  next_attempt_ = failed_at_ + pause * std::uniform_real_distribution<>(0.5, 1.0)(random_);
}

void Pool::SetState(const absl::Status& state) {
  absl::MutexLock lock(&state_mutex_);
  reachable_ = state.ok();
  unsafe_ = absl::IsFailedPrecondition(state);
  metrics_.reachable.Set(absl::IsUnavailable(state) ? 0 : 1);
  // Every failed attempt has words of its own for why the database cannot be reached.
  const bool known =
      told_ && told_->code() == state.code() && (!unsafe_ || told_->message() == state.message());
  if (known) return;
  told_ = state;
  if (hooks_.on_state) hooks_.on_state(state);
}

// Wherever this returns without a lease, the place is free again.
absl::StatusOr<Pool::Lease> Pool::Borrow(Route route, absl::Time until) {
  absl::StatusOr<Place> place = TakePlace(route, until);
  if (!place.ok()) return place.status();
  if (unsafe()) return DatabaseUnsafe();
  std::unique_ptr<TenantConnection> connection = TakeIdle(route);
  if (connection == nullptr) {
    if (KnownToBeDown()) return DatabaseUnavailable();
    absl::StatusOr<TenantConnection> opened = Open(route, until);
    if (!opened.ok()) return stopping() ? ShuttingDown() : WhyNoConnection();
    connection = std::make_unique<TenantConnection>(*std::move(opened));
  }
  return Lease(*std::move(place), std::move(connection));
}

void Pool::Lease::GiveBack() && {
  Pool& pool = *place_.pool_;
  if (!connection_->connection.is_open()) return;
  const absl::Time until = absl::Now() + pool.options_.connect_timeout;
  if (!ResetTenantConnection(*connection_, pool.watchdog_, until).ok()) return;
  pool.KeepIdle(std::move(connection_));
}

absl::StatusOr<Pool::Place> Pool::TakePlace(Route route, absl::Time until) {
  absl::MutexLock lock(&mutex_);
  Lent& lent = lent_[route];
  auto free = [&] { return stopping_ || lent.taken < ConnectionsMax(route, options_); };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&free), until)) return QueueWaitExceeded();
  if (stopping_) return ShuttingDown();
  ++lent.taken;
  metrics_.connections_lent.Add(1);
  return Place(*this, route);
}

Pool::Place::~Place() {
  if (pool_ != nullptr) pool_->FreePlace(route_);
}

void Pool::FreePlace(Route route) {
  absl::MutexLock lock(&mutex_);
  --lent_[route].taken;
  metrics_.connections_lent.Add(-1);
}

std::unique_ptr<TenantConnection> Pool::TakeIdle(Route route) {
  absl::MutexLock lock(&mutex_);
  auto& idle = lent_[route].idle;
  if (idle.empty()) return nullptr;
  std::unique_ptr<TenantConnection> connection = std::move(idle.back());
  idle.pop_back();
  return connection;
}

void Pool::KeepIdle(std::unique_ptr<TenantConnection> connection) {
  absl::MutexLock lock(&mutex_);
  auto& idle = lent_[connection->slot.route()].idle;
  idle.push_back(std::move(connection));
}

// The attempts for the lanes find out when it is back.
bool Pool::KnownToBeDown() {
  absl::MutexLock lock(&mutex_);
  return failing_ && open_.total() == 0 && absl::Now() < next_attempt_;
}

bool Pool::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

}  // namespace tenantry::pg
