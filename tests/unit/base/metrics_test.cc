#include "server/base/metrics.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry {
namespace {

using testing::HasSubstr;

TEST(Metrics, SameNameAndLabelsAreOneInstrument) {
  MetricRegistry registry;
  Counter& a = registry.counter("calls_total", "Calls.", {{"code", "OK"}});
  Counter& b = registry.counter("calls_total", "ignored", {{"code", "OK"}});
  Counter& c = registry.counter("calls_total", "ignored", {{"code", "INTERNAL"}});
  EXPECT_EQ(&a, &b);
  EXPECT_NE(&a, &c);
}

TEST(Metrics, CountsAcrossThreads) {
  MetricRegistry registry;
  Counter& counter = registry.counter("n", "N.");
  Histogram& histogram = registry.histogram("h", "H.");
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        counter.Add();
        histogram.Observe(0.001);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 10'000u);
  EXPECT_EQ(histogram.count(), 10'000u);
  EXPECT_NEAR(histogram.sum_seconds(), 10, 0.001);
}

TEST(Metrics, BucketsDoubleAndIncludeTheirBound) {
  Histogram histogram;
  EXPECT_DOUBLE_EQ(Histogram::Bound(0), 50e-6);
  EXPECT_DOUBLE_EQ(Histogram::Bound(3), 400e-6);
  histogram.ObserveNanos(0);
  histogram.ObserveNanos(-5);
  histogram.ObserveNanos(50'000);
  EXPECT_EQ(histogram.bucket(0), 3u);
  histogram.ObserveNanos(50'001);
  histogram.ObserveNanos(100'000);
  EXPECT_EQ(histogram.bucket(1), 2u);
  histogram.ObserveNanos(100'001);
  EXPECT_EQ(histogram.bucket(2), 1u);
  histogram.Observe(1e6);
  EXPECT_EQ(histogram.bucket(Histogram::kBuckets), 1u);
}

TEST(Metrics, RendersPrometheusText) {
  MetricRegistry registry;
  registry.counter("a_total", "Things.", {{"name", "q\"b\\n\n"}}).Add(3);
  registry.gauge("g", "Level.").Set(-2);
  registry.histogram("h_seconds", "Time.", {{"stage", "plan"}}).Observe(0.00007);
  std::string text = registry.Render();
  EXPECT_THAT(text, HasSubstr("# HELP a_total Things.\n# TYPE a_total counter\n"
                              "a_total{name=\"q\\\"b\\\\n\\n\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE g gauge\ng -2\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{stage=\"plan\",le=\"5e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{stage=\"plan\",le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{stage=\"plan\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_sum{stage=\"plan\"} 7e-05\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_count{stage=\"plan\"} 1\n"));
}

}  // namespace
}  // namespace tenantry
