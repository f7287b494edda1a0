// What is counted and measured for each call.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

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

// The metrics of one method.
class MethodMetrics {
 public:
  MethodMetrics(MetricRegistry& metrics, std::string service, std::string method);

  void Started() { started_.Add(); }
  void Finished(absl::StatusCode code, std::int64_t nanos);

 private:
  // Made when the code is first seen, since most methods never end with most of the codes.
  Counter& Finished(absl::StatusCode code);

  MetricRegistry& metrics_;
  std::string service_;
  std::string method_;
  Counter& started_;
  Histogram& seconds_;
  std::array<std::atomic<Counter*>, 17> finished_{};
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
