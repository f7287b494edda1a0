#include "server/serve/readiness.h"

#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::serve {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ReadinessTest : public ::testing::Test {
 protected:
  MetricRegistry metrics_;
  std::vector<bool> changes_;
  Readiness readiness_{nullptr, [this](bool ready) { changes_.push_back(ready); }, metrics_};
  pg::Executor::Hooks hooks_ = readiness_.hooks();
};

TEST_F(ReadinessTest, FollowsTheDatabase) {
  EXPECT_FALSE(readiness_.ready());
  hooks_.on_state(absl::OkStatus());
  EXPECT_TRUE(readiness_.ready());
  EXPECT_TRUE(readiness_.AwaitFirst(absl::ZeroDuration()).ok());
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_ready 1\n"));
  hooks_.on_state(absl::UnavailableError("gone"));
  EXPECT_FALSE(readiness_.ready());
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_ready 0\n"));
  EXPECT_THAT(changes_, ElementsAre(true, false));
}

TEST_F(ReadinessTest, ARefusalIsAStateOfItsOwnAndSaysWhy) {
  EXPECT_THAT(readiness_.WhyNot(), HasSubstr("starting"));
  hooks_.on_state(absl::OkStatus());
  EXPECT_EQ(readiness_.WhyNot(), "");
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_database_unsafe 0\n"));
  hooks_.on_state(absl::FailedPreconditionError("row-level security is disabled on a.b\nmore"));
  EXPECT_EQ(readiness_.WhyNot(), "unsafe: row-level security is disabled on a.b\nmore");
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_ready 0\n"));
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_database_unsafe 1\n"));
  EXPECT_TRUE(absl::IsFailedPrecondition(readiness_.AwaitFirst(absl::ZeroDuration())));
  // What libpq says may name hosts and users: it is for the log.
  hooks_.on_state(absl::UnavailableError("password authentication failed for user \"x\""));
  EXPECT_THAT(readiness_.WhyNot(), AllOf(HasSubstr("unreachable"), Not(HasSubstr("password"))));
  EXPECT_THAT(metrics_.Render(), HasSubstr("tenantry_database_unsafe 0\n"));
  EXPECT_THAT(changes_, ElementsAre(true, false, false));
}

TEST_F(ReadinessTest, TheFirstOutcomeIsAwaited) {
  std::thread later([this] {
    absl::SleepFor(absl::Milliseconds(20));
    hooks_.on_state(absl::UnavailableError("connection refused"));
  });
  absl::Status first = readiness_.AwaitFirst(absl::Seconds(30));
  later.join();
  EXPECT_TRUE(absl::IsUnavailable(first));
  EXPECT_EQ(first.message(), "connection refused");
}

TEST_F(ReadinessTest, NoAnswerInTimeIsUnavailable) {
  EXPECT_TRUE(absl::IsUnavailable(readiness_.AwaitFirst(absl::Milliseconds(5))));
}

}  // namespace
}  // namespace tenantry::serve
