#include "server/pg/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace tenantry::pg {

Watchdog::Watch::Watch(Watchdog& watchdog, int socket, absl::Time until)
    : watchdog_(watchdog), socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)), until_(until) {
  watchdog_.Begin(this);
}

Watchdog::Watch::~Watch() {
  watchdog_.End(this);
  if (socket_ >= 0) close(socket_);
}

bool Watchdog::Watch::fired() const {
  absl::MutexLock lock(&watchdog_.mutex_);
  return fired_;
}

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  thread_.join();
}

void Watchdog::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  FireDue();
}

bool Watchdog::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void Watchdog::Begin(Watch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.push_back(watch);
  look_ = look_ || stopped_ || watch->until_ < next_;
}

void Watchdog::End(Watch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.erase(std::find(watches_.begin(), watches_.end(), watch));
}

void Watchdog::Run() {
  absl::MutexLock lock(&mutex_);
  auto news = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return look_ || ended_; };
  while (!ended_) {
    look_ = false;
    FireDue();
    mutex_.AwaitWithDeadline(absl::Condition(&news), next_);
  }
}

void Watchdog::FireDue() {
  const absl::Time now = absl::Now();
  next_ = absl::InfiniteFuture();
  for (Watch* watch : watches_) {
    if (watch->fired_) continue;
    if (stopped_ || now >= watch->until_) {
      watch->fired_ = true;
      shutdown(watch->socket_, SHUT_RDWR);
    } else {
      next_ = std::min(next_, watch->until_);
    }
  }
}

}  // namespace tenantry::pg
