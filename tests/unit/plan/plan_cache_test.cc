#include "server/plan/plan_cache.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace tenantry::plan {
namespace {

std::shared_ptr<const Plan> NewPlan() { return std::make_shared<Plan>(); }

TEST(PlanCacheTest, ThePlanThatWasUsedLeastRecentlyGoes) {
  MetricRegistry metrics;
  PlanCache cache(3, metrics);
  const auto a = cache.Keep("a", NewPlan());
  const auto b = cache.Keep("b", NewPlan());
  const auto c = cache.Keep("c", NewPlan());
  EXPECT_EQ(cache.Find("a"), a);
  cache.Keep("d", NewPlan());
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(cache.Find("a"), a);
  EXPECT_EQ(cache.Find("c"), c);
  EXPECT_NE(cache.Find("d"), nullptr);
  // Whoever had it has it still.
  EXPECT_EQ(b.use_count(), 1);
}

TEST(PlanCacheTest, WhoComesSecondGetsThePlanOfTheFirst) {
  MetricRegistry metrics;
  PlanCache cache(3, metrics);
  const auto first = cache.Keep("a", NewPlan());
  EXPECT_EQ(cache.Keep("a", NewPlan()), first);
}

TEST(PlanCacheTest, HoldsNoMoreThanItMayUnderManyThreads) {
  MetricRegistry metrics;
  PlanCache cache(16, metrics);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 5000; ++i) {
        const std::string key = std::to_string((i * 7 + t) % 50);
        if (cache.Find(key) == nullptr) cache.Keep(key, NewPlan());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.gauge("tenantry_plan_cache_plans", "").value(), 16);
}

TEST(ShapesTest, AListIsReadAndItsErrorsNameTheLine) {
  const Shape shape{"/a.B/ListC", "AQID", "SELECT 1\nFROM t"};
  EXPECT_EQ(shape.Line(), "/a.B/ListC AQID SELECT 1 FROM t");
  auto list = ShapeList::Parse(absl::StrCat("# shapes\n\n", shape.Line(), "\n/a.B/ListC AQIE\n"));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->size(), 2u);
  EXPECT_TRUE(list->Contains(shape));
  EXPECT_FALSE(list->Contains({"/a.B/ListD", "AQID", ""}));
  EXPECT_FALSE(list->Add(shape));
  for (const char* line : {"a.B/ListC AQID", "/a.B/ListC", "/a.B/ListC !!", "nonsense"}) {
    const auto wrong = ShapeList::Parse(absl::StrCat("# first\n", line));
    EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_NE(wrong.status().message().find("line 2"), std::string::npos) << wrong.status();
  }
}

}  // namespace
}  // namespace tenantry::plan
