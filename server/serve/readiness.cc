#include "server/serve/readiness.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/strings.h"

namespace tenantry::serve {
namespace {

Readiness::State StateOf(const absl::Status& status) {
  if (status.ok()) return Readiness::State::kReady;
  return absl::IsFailedPrecondition(status) ? Readiness::State::kUnsafe
                                            : Readiness::State::kUnreachable;
}

}  // namespace

Readiness::Readiness(Guard guard, std::function<void(bool)> on_change, MetricRegistry& metrics)
    : guard_(std::move(guard)),
      on_change_(std::move(on_change)),
      ready_gauge_(
          metrics.gauge("tenantry_ready", "1 while the database can be reached and is safe.")),
      unsafe_gauge_(metrics.gauge("tenantry_database_unsafe",
                                  "1 while the guard refuses the database; calls are told "
                                  "DATABASE_UNSAFE.")) {}

pg::Executor::Hooks Readiness::hooks() {
  return {.on_state = [this](const absl::Status& state) { Record(state); }, .verify = guard_};
}

void Readiness::Record(const absl::Status& status) {
  bool told = false;
  const State state = StateOf(status);
  {
    absl::MutexLock lock(&mutex_);
    told = state_ == State::kStarting && state == State::kUnsafe && first_is_told_;
    state_ = state;
    why_ = ToStd(status.message());
  }
  ready_gauge_.Set(state == State::kReady ? 1 : 0);
  unsafe_gauge_.Set(state == State::kUnsafe ? 1 : 0);
  if (!told) LogChange(status);
  on_change_(state == State::kReady);
}

void Readiness::LogChange(const absl::Status& status) {
  switch (StateOf(status)) {
    case State::kReady:
      return Log(LogLevel::kInfo, "database ready");
    case State::kUnsafe:
      return Log(LogLevel::kError, "the database is not safe to serve: no call is sent to it",
                 {{"reasons", ToStd(status.message())}});
    default:
      return Log(LogLevel::kWarn, "database not available", {{"why", ToStd(status.message())}});
  }
}

absl::Status Readiness::AwaitFirst(absl::Duration timeout) {
  auto tried = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return state_ != State::kStarting; };
  absl::MutexLock lock(&mutex_);
  first_is_told_ = mutex_.AwaitWithTimeout(absl::Condition(&tried), timeout);
  switch (state_) {
    case State::kReady:
      return absl::OkStatus();
    case State::kUnsafe:
      return absl::FailedPreconditionError(why_);
    case State::kUnreachable:
      return absl::UnavailableError(why_);
    case State::kStarting:
      break;
  }
  return absl::UnavailableError("no answer yet");
}

bool Readiness::ready() const {
  absl::MutexLock lock(&mutex_);
  return state_ == State::kReady;
}

std::string Readiness::WhyNot() const {
  absl::MutexLock lock(&mutex_);
  switch (state_) {
    case State::kReady:
      return "";
    case State::kStarting:
      return "starting: the database was not tried yet";
    case State::kUnreachable:
      return "unreachable: the database cannot be reached; the log says why";
    case State::kUnsafe:
      return absl::StrCat("unsafe: ", why_);
  }
  return "";
}

}  // namespace tenantry::serve
