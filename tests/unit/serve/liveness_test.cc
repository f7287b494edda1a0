#include "server/serve/liveness.h"

#include <atomic>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace tenantry::serve {
namespace {

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

constexpr Liveness::Options kQuick = {.interval = absl::Milliseconds(10),
                                      .timeout = absl::Milliseconds(100),
                                      .silence_max = absl::Milliseconds(300)};

TEST(Liveness, DiesWithAProbeAndComesBackWithIt) {
  std::atomic<bool> answers{true};
  Liveness liveness(
      {[&](absl::Time) { return answers ? absl::OkStatus() : absl::UnavailableError("the loop"); }},
      kQuick);
  EXPECT_TRUE(liveness.Check().ok());
  answers = false;
  EXPECT_TRUE(Eventually([&] { return !liveness.Check().ok(); }));
  EXPECT_EQ(liveness.Check().message(), "the loop");
  answers = true;
  EXPECT_TRUE(Eventually([&] { return liveness.Check().ok(); }));
  answers = false;
  liveness.Stop();
  EXPECT_TRUE(liveness.Check().ok()) << "a server that stops closes what would answer";
}

}  // namespace
}  // namespace tenantry::serve
