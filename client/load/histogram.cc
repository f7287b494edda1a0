#include "client/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tenantry::load {

std::size_t Histogram::BucketOf(std::uint64_t value) {
  // Small values have no bits to drop: their bucket is the value itself.
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - (kPartBits + 1));
  return (static_cast<std::size_t>(shift) << kPartBits) + (value >> shift);
}

std::uint64_t Histogram::LastValueOf(std::size_t bucket) {
  if (bucket < (std::size_t{2} << kPartBits)) return bucket;
  const std::size_t shift = (bucket >> kPartBits) - 1;
  const std::uint64_t first = (bucket - (shift << kPartBits)) << shift;
  return first + (std::uint64_t{1} << shift) - 1;
}

void Histogram::Record(Duration value) {
  constexpr std::uint64_t kLargest = (std::uint64_t{1} << kValueBits) - 1;
  const auto raw = static_cast<std::uint64_t>(std::max<Duration::rep>(0, value.count()));
  const std::uint64_t ns = std::min(raw, kLargest);
  ++counts_[BucketOf(ns)];
  ++count_;
  sum_ += ns;
  min_ = std::min(min_, ns);
  max_ = std::max(max_, ns);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

Histogram::Duration Histogram::Mean() const { return Duration(count_ == 0 ? 0 : sum_ / count_); }

Histogram::Duration Histogram::At(double quantile) const {
  if (count_ == 0) return Duration(0);
  const double exact = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_));
  const std::uint64_t rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return Duration(std::min(LastValueOf(i), max_));
  }
  return Duration(max_);
}

}  // namespace tenantry::load
