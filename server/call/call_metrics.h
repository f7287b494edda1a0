// What is counted and measured for each call.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "server/base/metrics.h"

namespace tenantry::call {

// The stages of one call, in order (server/README.md, "The way of one call").
struct StageMetrics {
  explicit StageMetrics(MetricRegistry& metrics);

  Histogram& identity;
  Histogram& decode;
  Histogram& plan;
  Histogram& bind;
  Histogram& queue;     // from Submit until a lane has sent the transaction
  Histogram& database;  // from there until the answer to its Sync has come
  Histogram& encode;
};

// The metrics of one method. They are made when it is first called: of the methods of a large
// schema most never are, and each has some 2 kB and 20 lines of the metrics page.
class MethodMetrics {
 public:
  // `path`: /package.Service/Method. It must outlive this.
  MethodMetrics(MetricRegistry& metrics, std::string_view path) : metrics_(metrics), path_(path) {}
  MethodMetrics(const MethodMetrics&) = delete;
  MethodMetrics& operator=(const MethodMetrics&) = delete;
  ~MethodMetrics() { delete cells_.load(std::memory_order_relaxed); }

  void Started() { cells().started.Add(); }
  void Finished(absl::StatusCode code, std::int64_t nanos);

 private:
  struct Cells {
    Counter& started;
    Histogram& seconds;
    // Made when the code is first seen, since most methods never end with most of the codes.
    std::array<std::atomic<Counter*>, 17> finished{};
  };

  Cells& cells() {
    Cells* made = cells_.load(std::memory_order_acquire);
    return made != nullptr ? *made : MakeCells();
  }
  Cells& MakeCells();
  Counter& Finished(Cells& cells, absl::StatusCode code);

  MetricRegistry& metrics_;
  const std::string_view path_;
  std::atomic<Cells*> cells_{nullptr};
};

// Measures one stage after the other and reads the clock once for each.
class Stopwatch {
 public:
  Stopwatch() : start_(absl::GetCurrentTimeNanos()), last_(start_) {}

  void Lap(Histogram& stage) {
    std::int64_t now = absl::GetCurrentTimeNanos();
    stage.ObserveNanos(now - last_);
    last_ = now;
  }
  std::int64_t last() const { return last_; }
  std::int64_t start() const { return start_; }

 private:
  std::int64_t start_;
  std::int64_t last_;
};

}  // namespace tenantry::call
