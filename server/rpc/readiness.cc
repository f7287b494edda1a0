#include "server/rpc/readiness.h"

#include <utility>

#include "server/base/log.h"
#include "server/base/strings.h"

namespace tenantry::rpc {

Readiness::Readiness(Guard guard, std::function<void(bool)> on_change, MetricRegistry& metrics)
    : guard_(std::move(guard)),
      on_change_(std::move(on_change)),
      gauge_(metrics.gauge("tenantry_ready", "1 while the database is reachable and safe.")) {}

pg::Executor::Hooks Readiness::hooks() {
  return {.on_state = [this](bool reachable, const std::string& why) { Record(reachable, why); },
          .verify = [this](pqxx::connection& connection) { return Verify(connection); }};
}

absl::Status Readiness::Verify(pqxx::connection& connection) {
  absl::Status verdict = guard_ ? guard_(connection) : absl::OkStatus();
  if (verdict.code() == absl::StatusCode::kFailedPrecondition) {
    Log(LogLevel::kError, "the database is not safe to serve",
        {{"reasons", ToStd(verdict.message())}});
  }
  absl::MutexLock lock(&mutex_);
  verdict_ = verdict;
  return verdict;
}

void Readiness::Record(bool reachable, const std::string& why) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = reachable ? State::kReady : State::kDown;
    why_ = why;
  }
  gauge_.Set(reachable ? 1 : 0);
  if (reachable) {
    Log(LogLevel::kInfo, "database ready");
  } else {
    Log(LogLevel::kWarn, "database not available", {{"why", why}});
  }
  on_change_(reachable);
}

absl::Status Readiness::AwaitFirst(absl::Duration timeout) {
  auto tried = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return state_ != State::kUntried; };
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&tried), timeout);
  if (state_ == State::kReady) return absl::OkStatus();
  if (verdict_.code() == absl::StatusCode::kFailedPrecondition) return verdict_;
  return absl::UnavailableError(state_ == State::kDown ? why_ : "no answer yet");
}

bool Readiness::ready() const {
  absl::MutexLock lock(&mutex_);
  return state_ == State::kReady;
}

}  // namespace tenantry::rpc
