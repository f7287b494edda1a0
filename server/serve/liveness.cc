#include "server/serve/liveness.h"

#include <utility>

#include "absl/time/clock.h"
#include "server/base/log.h"

namespace tenantry::serve {

Liveness::Liveness(std::vector<Probe> probes, const Options& options)
    : probes_(std::move(probes)),
      options_(options),
      answered_(absl::Now()),
      thread_([this] { Run(); }) {}

Liveness::~Liveness() { Stop(); }

absl::Status Liveness::Check() const {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || absl::Now() - answered_ <= options_.silence_max) return absl::OkStatus();
  return absl::UnavailableError(why_.empty() ? "the server does not answer" : why_);
}

void Liveness::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Liveness::Run() {
  while (true) {
    const absl::Status status = AskAll();
    absl::MutexLock lock(&mutex_);
    const std::string why(status.message());
    if (why != why_) {
      Log(status.ok() ? LogLevel::kInfo : LogLevel::kError,
          status.ok() ? "the server answers again" : "the server does not answer", {{"why", why}});
    }
    why_ = why;
    if (status.ok()) answered_ = absl::Now();
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval)) return;
  }
}

absl::Status Liveness::AskAll() const {
  const absl::Time deadline = absl::Now() + options_.timeout;
  for (const Probe& probe : probes_) {
    if (absl::Status status = probe(deadline); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace tenantry::serve
