#include "client/load/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "client/load/random.h"
#include "gtest/gtest.h"

namespace tenantry::load {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(HistogramTest, EmptyIsAllZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.At(0.5).count(), 0);
  EXPECT_EQ(histogram.min().count(), 0);
  EXPECT_EQ(histogram.max().count(), 0);
  EXPECT_EQ(histogram.Mean().count(), 0);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (int i = 0; i < 256; ++i) histogram.Record(nanoseconds(i));
  for (int i = 0; i < 256; ++i) EXPECT_EQ(histogram.At((i + 1) / 256.0).count(), i);
}

TEST(HistogramTest, OneValueIsEveryPercentile) {
  Histogram histogram;
  histogram.Record(nanoseconds(123'456'789));
  for (double quantile : {0.0, 0.5, 0.999, 1.0}) {
    EXPECT_EQ(histogram.At(quantile).count(), 123'456'789) << quantile;
  }
}

TEST(HistogramTest, PercentilesAreNeverLowAndAtMostOnePart128High) {
  Random random(42);
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    // Spread over nine decimal magnitudes.
    const auto value = static_cast<std::int64_t>(random.Below(1000)) << random.Below(31);
    values.push_back(value);
    histogram.Record(nanoseconds(value));
  }
  std::sort(values.begin(), values.end());
  for (double quantile : {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const std::size_t rank = std::max<std::size_t>(1, std::ceil(quantile * values.size()));
    const std::int64_t exact = values[rank - 1];
    const std::int64_t reported = histogram.At(quantile).count();
    EXPECT_GE(reported, exact) << quantile;
    EXPECT_LE(reported, exact + exact / 128 + 1) << quantile;
  }
  EXPECT_EQ(histogram.min().count(), values.front());
  EXPECT_EQ(histogram.max().count(), values.back());
}

TEST(HistogramTest, OutOfRangeValuesAreKept) {
  Histogram histogram;
  histogram.Record(nanoseconds(-5));
  histogram.Record(seconds(100'000));
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.min().count(), 0);
  EXPECT_EQ(histogram.max().count(), (std::int64_t{1} << 40) - 1);
  EXPECT_EQ(histogram.At(1).count(), (std::int64_t{1} << 40) - 1);
}

TEST(HistogramTest, MergeIsTheSameAsRecordingBoth) {
  Histogram one;
  Histogram other;
  Histogram both;
  for (int i = 1; i <= 1000; ++i) {
    (i % 3 == 0 ? one : other).Record(nanoseconds(i * 1000));
    both.Record(nanoseconds(i * 1000));
  }
  one.Merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.min(), both.min());
  EXPECT_EQ(one.max(), both.max());
  EXPECT_EQ(one.Mean(), both.Mean());
  for (double quantile : {0.1, 0.5, 0.9, 0.99}) EXPECT_EQ(one.At(quantile), both.At(quantile));
}

}  // namespace
}  // namespace tenantry::load
