// Whether the server still answers: /healthz. Asks its parts themselves, since a process that runs
// may have stopped to accept or to answer.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tenantry::serve {

class Liveness {
 public:
  // Asks one part of the server. Not OK: no right answer came before the deadline.
  using Probe = std::function<absl::Status(absl::Time deadline)>;
  struct Options {
    absl::Duration interval = absl::Seconds(2);
    absl::Duration timeout = absl::Seconds(5);
    // How long the last good answer counts: a machine that is busy for a moment is not dead.
    absl::Duration silence_max = absl::Seconds(15);
  };

  Liveness(std::vector<Probe> probes, const Options& options);
  explicit Liveness(std::vector<Probe> probes) : Liveness(std::move(probes), Options{}) {}
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;
  ~Liveness();

  // OK, or UNAVAILABLE with what did not answer.
  absl::Status Check() const;

  // Asks no more, and is alive from now on: a server that stops closes what would answer. The
  // probes are not running when it returns.
  void Stop();

 private:
  void Run();
  absl::Status AskAll() const;

  const std::vector<Probe> probes_;
  const Options options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time answered_ ABSL_GUARDED_BY(mutex_);
  std::string why_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tenantry::serve
