// Counters, gauges and histograms, rendered in Prometheus text format 0.0.4.
//
// Look an instrument up once, keep the reference (valid as long as the registry), update it from any
// thread: updates are relaxed atomics, no lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace tenantry {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void Add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void Add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Seconds, in buckets that double from 50 us to about 26 s.
class Histogram {
 public:
  static constexpr int kBuckets = 20;
  void Observe(double seconds);
  std::uint64_t count() const;
  // Upper bound of bucket `i` in seconds.
  static double Bound(int i);
  std::uint64_t bucket(int i) const { return buckets_[i].load(std::memory_order_relaxed); }
  double sum_seconds() const;

 private:
  std::atomic<std::uint64_t> buckets_[kBuckets + 1]{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

class MetricRegistry {
 public:
  // The same name and labels give the same instrument. `help` is taken from the first call.
  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, MetricLabels labels = {});

  std::string Render() const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help, std::string_view type);

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Family>> families_ ABSL_GUARDED_BY(mutex_);

 public:
  MetricRegistry();
  ~MetricRegistry();
};

}  // namespace tenantry
