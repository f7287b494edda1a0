#include <iterator>
#include <map>
#include <optional>

#include "client/cpp/time_text.h"
#include "client/load/options.h"
#include "client/load/pace.h"
#include "client/load/random.h"
#include "gtest/gtest.h"

namespace tenantry::load {
namespace {

using std::chrono::milliseconds;

TEST(ParseTimeTest, TakesUnitsAndPlainSeconds) {
  EXPECT_EQ(client::ParseTime("500ms"), milliseconds(500));
  EXPECT_EQ(client::ParseTime("10s"), milliseconds(10'000));
  EXPECT_EQ(client::ParseTime("2m"), milliseconds(120'000));
  EXPECT_EQ(client::ParseTime("1h"), milliseconds(3'600'000));
  EXPECT_EQ(client::ParseTime("1.5"), milliseconds(1'500));
  EXPECT_EQ(client::ParseTime("0"), milliseconds(0));
}

TEST(ParseTimeTest, RefusesNonsenseAndMoreThanADay) {
  for (const char* text : {"", "s", "-1s", "10x", "1.2.3s", "25h", "1e9"}) {
    EXPECT_EQ(client::ParseTime(text), std::nullopt) << text;
  }
}

TEST(MixTest, PicksByShare) {
  const auto mix = Mix::Parse("get=90,list=2,batch-create=8");
  ASSERT_TRUE(mix.ok());
  EXPECT_EQ(mix->total(), 100u);
  std::map<Method, int> seen;
  for (std::uint32_t point = 0; point < mix->total(); ++point) ++seen[mix->Pick(point)];
  EXPECT_EQ(seen[Method::kGet], 90);
  EXPECT_EQ(seen[Method::kList], 2);
  EXPECT_EQ(seen[Method::kBatchCreate], 8);
  EXPECT_FALSE(mix->Has(Method::kDelete));
  EXPECT_EQ(mix->ToString(), "get=90,list=2,batch-create=8");
}

TEST(MixTest, SaysWhatIsWrong) {
  EXPECT_EQ(Mix::Parse("get=1,fly=2").status().message(), "--mix: no method fly");
  EXPECT_FALSE(Mix::Parse("get=lots").ok());
  EXPECT_FALSE(Mix::Parse("get=0").ok());
  EXPECT_FALSE(Mix::Parse("").ok());
}

TEST(ParseOptionsTest, ReadsFlags) {
  const char* argv[] = {"tenantry-load", "--target=127.0.0.1:1,127.0.0.2:1",
                        "--tenant",      "01920000-0000-7000-8000-00000000ac3e",
                        "--rate",        "2500",
                        "--duration",    "30s",
                        "--threads=8",   "--calls=3",
                        "--mix",         "get"};
  int exit_code = 0;
  const auto options = ParseOptions(std::size(argv), argv, exit_code);
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->targets.size(), 2u);
  EXPECT_EQ(options->rate, 2500);
  EXPECT_EQ(options->duration, milliseconds(30'000));
  EXPECT_EQ(options->threads, 3) << "no more threads than calls or connections";
}

TEST(ParseOptionsTest, RefusesBadValues) {
  for (const char* bad : {"--duration=soon", "--connections=0", "--rate=-1", "--tenant=nobody",
                          "--mix=fly", "--colour=red"}) {
    const char* argv[] = {"tenantry-load", "--target=127.0.0.1:1", bad};
    int exit_code = 0;
    testing::internal::CaptureStderr();
    EXPECT_FALSE(ParseOptions(std::size(argv), argv, exit_code).has_value()) << bad;
    EXPECT_NE(testing::internal::GetCapturedStderr(), "") << bad;
    EXPECT_EQ(exit_code, 1) << bad;
  }
}

TEST(PaceTest, EvenGapsDoNotDrift) {
  const auto start = Clock::now();
  Pace pace(start, 3000, /*poisson=*/false, 1);
  for (int i = 0; i < 3000 * 60; ++i) pace.Advance();
  EXPECT_NEAR(std::chrono::duration<double>(pace.next() - start).count(), 60, 1e-6);
}

TEST(PaceTest, RandomGapsKeepTheRateAndTheSeedRepeatsThem) {
  const auto start = Clock::now();
  Pace pace(start, 1000, /*poisson=*/true, 7);
  Pace same(start, 1000, /*poisson=*/true, 7);
  for (int i = 0; i < 100'000; ++i) {
    pace.Advance();
    same.Advance();
  }
  EXPECT_EQ(pace.next(), same.next());
  EXPECT_NEAR(std::chrono::duration<double>(pace.next() - start).count(), 100, 2);
}

TEST(RandomTest, StaysBelowTheBound) {
  Random random(1);
  std::map<std::uint32_t, int> seen;
  for (int i = 0; i < 30'000; ++i) ++seen[random.Below(3)];
  EXPECT_EQ(seen.size(), 3u);
  for (const auto& [value, count] : seen) EXPECT_NEAR(count, 10'000, 500) << value;
}

}  // namespace
}  // namespace tenantry::load
