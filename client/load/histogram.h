// Latencies counted in log-linear buckets, as HdrHistogram does: fixed memory, no allocation per
// value, and a bounded relative error at every magnitude.
//
// A value of n nanoseconds goes to a bucket of its power of two, each power split into 128 equal
// parts. Values below 256 ns are exact; above, a bucket is narrower than 1/128 of its values, so a
// reported percentile is at most 0.8 % above the true one and never below it. Values over 2^40 ns
// (18 minutes) are counted as 2^40.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tenantry::load {

class Histogram {
 public:
  using Duration = std::chrono::nanoseconds;

  // Negative durations count as zero.
  void Record(Duration value);
  void Merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  // Exact, not rounded to a bucket. Zero when nothing was recorded.
  Duration min() const { return Duration(count_ == 0 ? 0 : min_); }
  Duration max() const { return Duration(max_); }
  Duration Mean() const;

  // The smallest value that at least `quantile` (0 to 1) of the values do not exceed, rounded up to
  // its bucket's end. Zero when nothing was recorded.
  Duration At(double quantile) const;

 private:
  static constexpr int kPartBits = 7;
  static constexpr int kValueBits = 40;
  static constexpr std::size_t kBuckets = (std::size_t{kValueBits - kPartBits} + 1) << kPartBits;

  static std::size_t BucketOf(std::uint64_t value);
  static std::uint64_t LastValueOf(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

}  // namespace tenantry::load
