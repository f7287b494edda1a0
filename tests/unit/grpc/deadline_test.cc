#include "server/grpc/deadline.h"

#include <cstdint>
#include <limits>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace tenantry::rpc {
namespace {

gpr_timespec At(std::int64_t seconds, int nanoseconds = 0,
                gpr_clock_type clock = GPR_CLOCK_REALTIME) {
  return {seconds, nanoseconds, clock};
}

TEST(Deadline, IsExact) {
  EXPECT_EQ(ToAbslTime(At(1'700'000'000, 123'456'789)),
            absl::FromUnixNanos(1'700'000'000'123'456'789));
  EXPECT_EQ(ToAbslTime(At(0)), absl::UnixEpoch());
}

TEST(Deadline, AnotherClockIsConverted) {
  const gpr_timespec in_a_minute =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(60, GPR_TIMESPAN));
  const absl::Duration left = ToAbslTime(in_a_minute) - absl::Now();
  EXPECT_GT(left, absl::Seconds(50));
  EXPECT_LT(left, absl::Seconds(61));
}

// The largest that Go's client sends, the largest that the protocol can say, and beyond.
TEST(Deadline, FarAwayIsNotPast) {
  constexpr std::int64_t kHour = 3600, kMax = std::numeric_limits<std::int64_t>::max();
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  for (std::int64_t seconds :
       {now + 2'562'047 * kHour, now + 99'999'999 * kHour, kMax / 1'000'000'000, kMax - 1, kMax}) {
    EXPECT_GT(ToAbslTime(At(seconds)), absl::Now() + absl::Hours(2'000'000)) << seconds;
    EXPECT_GT(ToAbslTime(At(seconds, 999'999'999)), absl::Now()) << seconds;
  }
  EXPECT_EQ(ToAbslTime(gpr_inf_future(GPR_CLOCK_REALTIME)), absl::InfiniteFuture());
  EXPECT_EQ(ToAbslTime(gpr_inf_future(GPR_CLOCK_MONOTONIC)), absl::InfiniteFuture());
  EXPECT_LT(ToAbslTime(gpr_inf_past(GPR_CLOCK_REALTIME)), absl::Now());
}

}  // namespace
}  // namespace tenantry::rpc
