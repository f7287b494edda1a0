#include "server/pg/service_time.h"

#include "gtest/gtest.h"

namespace tenantry::pg {
namespace {

using absl::Milliseconds;
using absl::Seconds;

void LearnOften(ServiceTime& time, absl::Duration taken, int times = 1000) {
  for (int i = 0; i < times; ++i) time.Learn(taken);
}

TEST(ServiceTime, NothingQuickCountsAsBlocked) {
  ServiceTime time;
  EXPECT_EQ(time.blocked_after(), Milliseconds(25));
  LearnOften(time, absl::Microseconds(100));
  EXPECT_EQ(time.blocked_after(), Milliseconds(25));
}

TEST(ServiceTime, FollowsWhatIsUsual) {
  ServiceTime time;
  LearnOften(time, Milliseconds(20));
  EXPECT_GT(time.blocked_after(), Milliseconds(75));
  LearnOften(time, Milliseconds(1));
  EXPECT_EQ(time.blocked_after(), Milliseconds(25));
}

TEST(ServiceTime, BlockedCallsTeachNothing) {
  ServiceTime time;
  LearnOften(time, Milliseconds(1));
  LearnOften(time, Seconds(5));
  LearnOften(time, absl::InfiniteDuration());
  EXPECT_EQ(time.blocked_after(), Milliseconds(25));
}

// A database that is far away answers each call after a round trip.
TEST(ServiceTime, BeginsWithTheRoundTrip) {
  ServiceTime time;
  time.Start(Milliseconds(90));
  LearnOften(time, Milliseconds(100));
  EXPECT_GT(time.blocked_after(), Milliseconds(350));
}

TEST(ServiceTime, PatienceHasAnEnd) {
  ServiceTime time;
  time.Start(Seconds(10));
  EXPECT_EQ(time.blocked_after(), Milliseconds(500));
}

}  // namespace
}  // namespace tenantry::pg
