#include "server/pg/pool.h"

#include <algorithm>
#include <utility>

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
      random_(std::random_device()()),
      thread_([this] { Run(); }) {}

Pool::~Pool() {
  Stop(absl::InfinitePast());
  absl::MutexLock lock(&mutex_);
  up_ -= static_cast<int>(idle_.size());
  idle_.clear();
}

void Pool::Stop(absl::Time until) {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    auto returned = [this] { return borrowed_ == 0; };
    mutex_.AwaitWithDeadline(absl::Condition(&returned), until);
  }
  watchdog_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Pool::Request(Client* client) {
  absl::MutexLock lock(&mutex_);
  requests_.push_back(client);
}

void Pool::Hurry() {
  absl::MutexLock lock(&mutex_);
  hurried_ = true;
}

void Pool::Closed() { --up_; }

void Pool::Lost(absl::Duration lived) {
  --up_;
  metrics_.connections_lost.Add();
  BackOffIfShort(lived);
}

void Pool::FoundReadOnly(absl::Duration lived) {
  --up_;
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
  return requests_.empty() ? next_look_ : std::min(DueAt(), next_look_);
}

bool Pool::Due() const { return stopping_ || absl::Now() >= WakeAt(); }

absl::Status Pool::WhyNoConnection() const {
  return unsafe() ? DatabaseUnsafe() : DatabaseUnavailable();
}

void Pool::Run() {
  while (true) {
    Client* client = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      while (!Due()) {
        // Wakes when a request comes or work begins to wait, and when the back-off is over or the
        // next look is due.
        const bool none = requests_.empty();
        const bool calm = !hurried_;
        const absl::Time look = next_look_;
        auto news = [&] {
          return stopping_ || requests_.empty() != none || (calm && hurried_) || next_look_ < look;
        };
        mutex_.AwaitWithDeadline(absl::Condition(&news), WakeAt());
      }
      if (stopping_) return;
      if (!requests_.empty() && absl::Now() >= DueAt()) {
        client = requests_.front();
        requests_.pop_front();
        hurried_ = false;
      }
    }
    if (client == nullptr) {
      Look();
    } else {
      AttemptFor(client);
    }
  }
}

void Pool::AttemptFor(Client* client) {
  const absl::Time began = absl::Now();
  metrics_.connections_connecting.Add(1);
  absl::StatusOr<TenantConnection> connection = Open(absl::InfiniteFuture());
  metrics_.connections_connecting.Add(-1);
  if (connection.ok()) return client->Connected(*std::move(connection));
  {
    absl::MutexLock lock(&mutex_);
    requests_.push_front(client);
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
    if (RecordSuccess(began)) Closed();
  } else if (absl::IsFailedPrecondition(connection.status())) {
    RecordRefusal(connection.status());
  }
}

std::vector<Pool::Client*> Pool::Waiting() {
  absl::MutexLock lock(&mutex_);
  std::vector<Client*> clients(requests_.begin(), requests_.end());
  std::sort(clients.begin(), clients.end());
  clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
  return clients;
}

absl::StatusOr<TenantConnection> Pool::Open(absl::Time until) {
  const absl::Time began = absl::Now();
  absl::StatusOr<TenantConnection> connection =
      OpenTenantConnection(options_, hooks_.verify, watchdog_, until);
  if (connection.ok()) {
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
  ++up_;
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
  if (up_ == 0) SetState(absl::UnavailableError(why.message()));
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

absl::StatusOr<TenantConnection> Pool::Borrow(absl::Time until) {
  {
    absl::MutexLock lock(&mutex_);
    auto free = [this] { return stopping_ || borrowed_ < options_.interactive_connections_max; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&free), until)) return QueueWaitExceeded();
    if (stopping_) return ShuttingDown();
    ++borrowed_;
    metrics_.connections_interactive.Set(borrowed_);
    if (unsafe()) {
      metrics_.connections_interactive.Set(--borrowed_);
      return DatabaseUnsafe();
    }
    if (!idle_.empty()) {
      TenantConnection connection = std::move(*idle_.back());
      idle_.pop_back();
      return connection;
    }
    // The database is known to be down. The attempts for the lanes find out when it is back.
    if (failing_ && up_ == 0 && absl::Now() < next_attempt_) {
      metrics_.connections_interactive.Set(--borrowed_);
      return DatabaseUnavailable();
    }
  }
  absl::StatusOr<TenantConnection> connection = Open(until);
  if (connection.ok()) return connection;
  absl::MutexLock lock(&mutex_);
  --borrowed_;
  metrics_.connections_interactive.Set(borrowed_);
  return stopping_ ? ShuttingDown() : WhyNoConnection();
}

void Pool::Return(std::unique_ptr<TenantConnection> connection) {
  if (connection == nullptr) --up_;
  absl::MutexLock lock(&mutex_);
  --borrowed_;
  metrics_.connections_interactive.Set(borrowed_);
  if (connection != nullptr) idle_.push_back(std::move(connection));
}

}  // namespace tenantry::pg
