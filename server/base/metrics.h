// Counters, gauges and histograms, rendered in Prometheus text format 0.0.4.
//
// Look an instrument up once, keep the reference (valid as long as the registry), update it from
// any thread: updates are relaxed atomics, no lock.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tenantry {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Updates from many threads land in different cache lines; reading adds them up.
inline constexpr int kMetricShards = 8;

inline std::atomic<int> next_metric_shard{0};

inline int MetricShard() {
  thread_local const int shard =
      next_metric_shard.fetch_add(1, std::memory_order_relaxed) % kMetricShards;
  return shard;
}

class Counter {
 public:
  void Add(std::uint64_t n = 1) {
    shards_[MetricShard()].value.fetch_add(n, std::memory_order_relaxed);
  }
  std::uint64_t value() const {
    std::uint64_t sum = 0;
    for (const Shard& shard : shards_) sum += shard.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> value{0};
  };
  Shard shards_[kMetricShards];
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
  void Observe(double seconds) { ObserveNanos(static_cast<std::int64_t>(seconds * 1e9)); }
  void ObserveNanos(std::int64_t nanos) {
    std::uint64_t ns = nanos < 0 ? 0 : static_cast<std::uint64_t>(nanos);
    Shard& shard = shards_[MetricShard()];
    shard.buckets[BucketOf(ns)].fetch_add(1, std::memory_order_relaxed);
    shard.sum_ns.fetch_add(ns, std::memory_order_relaxed);
  }
  std::uint64_t count() const;
  // Upper bound of bucket `i` in seconds.
  static double Bound(int i) { return static_cast<double>(kFirstBoundNs << i) / 1e9; }
  // Observations in bucket `i` alone; the last one, kBuckets, has no upper bound.
  std::uint64_t bucket(int i) const;
  double sum_seconds() const;

 private:
  static constexpr std::uint64_t kFirstBoundNs = 50'000;
  static int BucketOf(std::uint64_t ns) {
    int i = ns == 0 ? 0 : std::bit_width((ns - 1) / kFirstBoundNs);
    return i < kBuckets ? i : kBuckets;
  }
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> sum_ns{0};
    std::atomic<std::uint64_t> buckets[kBuckets + 1]{};
  };
  Shard shards_[kMetricShards];
};

class MetricRegistry {
 public:
  MetricRegistry();
  ~MetricRegistry();

  // The same name and labels give the same instrument. `help` is taken from the first call.
  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, MetricLabels labels = {});

  std::string Render() const;

 private:
  struct Family;
  template <typename T>
  T& Find(std::string_view name, std::string_view help, MetricLabels labels);

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Family>> families_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tenantry
