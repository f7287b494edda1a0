// Deadlines, waits, full queues, draining: how much a lane takes and when it says no.
#include <cstdint>
#include <limits>
#include <thread>

#include "absl/time/clock.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/lanes/gate.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::Access;

class LimitsTest : public PgTest {
 protected:
  static pg::ExecutorOptions Narrow() {
    pg::ExecutorOptions options;
    options.connections_per_lane = 1;
    options.write_connections_per_lane = 0;
    options.depth_max = 1;
    return options;
  }
  void AwaitSleeping() const {
    while (Admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0") {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
};

TEST_F(LimitsTest, ADeadlineInTheDatabaseEndsTheStatement) {
  auto executor = MakeExecutor();
  auto first = Read(1, "SELECT 1::text");  // opens the connection, which may take longer
  ASSERT_TRUE(Submit(*executor, *first).Wait().ok());
  auto call = Read(1, "SELECT pg_sleep(10)::text");
  call->deadline = absl::Now() + absl::Milliseconds(200);
  EXPECT_EQ(Submit(*executor, *call).Wait().code(), StatusCode::kDeadlineExceeded);
  EXPECT_GE(absl::Now(), call->deadline);
  EXPECT_LT(absl::Now(), call->deadline + absl::Milliseconds(500));
  EXPECT_EQ(Admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), "0");
}

TEST_F(LimitsTest, WithoutADeadlineTheMaximumEndsTheStatement) {
  pg::ExecutorOptions options;
  options.statement_timeout_max = absl::Milliseconds(150);
  auto executor = MakeExecutor(options);
  auto call = Read(1, "SELECT pg_sleep(10)::text");
  EXPECT_EQ(Submit(*executor, *call).Wait().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(LimitsTest, ADeadlineInTheQueueSendsNothing) {
  auto executor = MakeExecutor(Narrow());
  auto slow = Read(1, "SELECT pg_sleep(0.6)::text");
  auto late = Write(1, "INSERT INTO app.notes (id) VALUES (1)");
  late->deadline = absl::Now() + absl::Milliseconds(150);
  executor->Submit(slow.get());
  absl::SleepFor(absl::Milliseconds(50));
  executor->Submit(late.get());
  EXPECT_EQ(late->Wait().code(), StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(slow->done());
  EXPECT_LT(absl::Now(), late->deadline + absl::Milliseconds(200));
  EXPECT_TRUE(slow->Wait().ok());
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(LimitsTest, ADeadlineAnyDistanceAwayIsADeadline) {
  pg::ExecutorOptions options;
  options.statement_timeout_max = absl::InfiniteDuration();
  auto executor = MakeExecutor(options);
  for (absl::Time deadline : {absl::InfiniteFuture(), absl::Now() + absl::Hours(2'562'047),
                              absl::FromUnixSeconds(std::numeric_limits<std::int64_t>::max())}) {
    auto read = Read(1, "SELECT current_setting('statement_timeout')");
    auto write = Write(1, "SELECT 1::text");
    read->deadline = write->deadline = deadline;
    EXPECT_TRUE(Submit(*executor, *read).Wait().ok()) << deadline << ": " << read->Wait();
    EXPECT_TRUE(Submit(*executor, *write).Wait().ok()) << deadline << ": " << write->Wait();
  }
  auto late = Read(1, "SELECT 1::text");
  late->deadline = absl::InfinitePast();
  EXPECT_EQ(Submit(*executor, *late).Wait().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(LimitsTest, APassedDeadlineSendsNothing) {
  auto executor = MakeExecutor();
  auto late = Write(1, "INSERT INTO app.notes (id) VALUES (1)");
  late->deadline = absl::Now() - absl::Seconds(1);
  const absl::StatusCode code = Submit(*executor, *late).Wait().code();
  EXPECT_TRUE(code == StatusCode::kDeadlineExceeded || code == StatusCode::kUnavailable);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

// It stands behind a slow one on its connection; its caller is not kept waiting for that.
TEST_F(LimitsTest, ADeadlineBehindASlowOneIsKept) {
  auto options = Narrow();
  options.depth_max = 4;
  auto executor = MakeExecutor(options);
  auto first = Read(1, "SELECT 1::text");
  ASSERT_TRUE(Submit(*executor, *first).Wait().ok());
  auto slow = Read(1, "SELECT pg_sleep(1)::text");
  auto behind = Read(1, "SELECT 1::text");
  auto after = Read(2, "SELECT current_setting('app.tenant_id')");
  executor->Submit(slow.get());
  behind->deadline = absl::Now() + absl::Milliseconds(200);
  executor->Submit(behind.get());
  executor->Submit(after.get());
  EXPECT_EQ(behind->Wait().code(), StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(slow->done());
  behind.reset();  // nothing may touch it any more
  EXPECT_TRUE(slow->Wait().ok());
  ASSERT_TRUE(after->Wait().ok());
  EXPECT_EQ(after->Value(), TenantText(2));
}

TEST_F(LimitsTest, AFullQueueRefusesAtOnce) {
  auto options = Narrow();
  options.queue_max = 5;
  auto executor = MakeExecutor(options);
  auto slow = Read(1, "SELECT pg_sleep(2)::text");
  executor->Submit(slow.get());
  AwaitSleeping();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(Read(1, "SELECT 1::text"));
    executor->Submit(calls.back().get());
  }
  for (int i = 5; i < 8; ++i) {
    ASSERT_TRUE(calls[i]->done());
    EXPECT_EQ(calls[i]->Wait().code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(calls[i]->reason(), "QUEUE_FULL");
  }
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(calls[i]->Wait().ok()) << calls[i]->Wait();
}

TEST_F(LimitsTest, WaitingTooLongIsRefused) {
  auto options = Narrow();
  options.queue_wait_max = absl::Milliseconds(150);
  auto executor = MakeExecutor(options);
  auto slow = Read(1, "SELECT pg_sleep(0.6)::text");
  executor->Submit(slow.get());
  absl::SleepFor(absl::Milliseconds(50));
  auto waits = Read(1, "SELECT 1::text");
  EXPECT_EQ(Submit(*executor, *waits).Wait().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(waits->reason(), "QUEUE_WAIT_EXCEEDED");
  EXPECT_FALSE(slow->done());
  EXPECT_TRUE(slow->Wait().ok());
}

TEST_F(LimitsTest, ShutdownFinishesWhatWasTaken) {
  auto options = Narrow();
  auto executor = MakeExecutor(options);
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(Read(1, "SELECT 'x', pg_sleep(0.05)::text"));
    executor->Submit(calls.back().get());
  }
  executor->Shutdown(absl::Seconds(5));
  for (auto& call : calls) {
    ASSERT_TRUE(call->done());
    EXPECT_TRUE(call->Wait().ok()) << call->Wait();
  }
  auto late = Read(1, "SELECT 1::text");
  executor->Submit(late.get());
  ASSERT_TRUE(late->done());
  EXPECT_EQ(late->reason(), "SHUTTING_DOWN");
}

TEST_F(LimitsTest, ShutdownGivesUpAfterItsGrace) {
  auto executor = MakeExecutor(Narrow());
  auto slow = Write(1, "INSERT INTO app.notes (id) SELECT 1 FROM pg_sleep(10)");
  auto waits = Read(1, "SELECT 1::text");
  executor->Submit(slow.get());
  executor->Submit(waits.get());
  absl::SleepFor(absl::Milliseconds(100));
  const absl::Time before = absl::Now();
  executor->Shutdown(absl::Milliseconds(200));
  EXPECT_LT(absl::Now() - before, absl::Seconds(2));
  EXPECT_EQ(slow->Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(slow->reason(), "OUTCOME_UNKNOWN");
  EXPECT_EQ(waits->Wait().code(), StatusCode::kUnavailable);
}

TEST_F(LimitsTest, ConnectionsStayBoundedAndSurplusOnesGo) {
  pg::ExecutorOptions options;
  options.connections_per_lane = 3;
  options.write_connections_per_lane = 2;  // which reads take when those for reads are all slow
  options.depth_max = 2;
  options.idle_timeout = absl::Milliseconds(300);
  auto executor = MakeExecutor(options);
  auto count = [this] {
    return Admin(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
        " AND datname = current_database()");
  };
  EXPECT_EQ(count(), "0") << "connects when asked to";
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 30; ++i) {
    calls.push_back(Read(1, "SELECT pg_sleep(0.03)::text"));
    executor->Submit(calls.back().get());
  }
  for (auto& call : calls) EXPECT_TRUE(call->Wait().ok());
  EXPECT_THAT(count(), ::testing::AnyOf("3", "4", "5"));
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (count() != "1" && absl::Now() < until) absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(count(), "1");
}

// One at a time from several threads, so that the lanes fall asleep and are woken all the time: a
// submission that is overlooked would wait for ever.
TEST_F(LimitsTest, NoSubmissionIsOverlooked) {
  pg::ExecutorOptions options;
  options.lanes = 2;
  auto executor = MakeExecutor(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1500; ++i) {
        auto call = Read(t + 1, "SELECT current_setting('app.tenant_id')");
        ASSERT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
        ASSERT_EQ(call->Value(), TenantText(t + 1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(LimitsTest, GaugesReturnToRest) {
  auto executor = MakeExecutor();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(Read(1, "SELECT 1::text"));
    executor->Submit(calls.back().get());
  }
  for (auto& call : calls) EXPECT_TRUE(call->Wait().ok());
  const absl::Time until = absl::Now() + absl::Seconds(10);
  auto rests = [this] {
    return Metric("tenantry_lane_queue_depth") == 0 &&
           Metric("tenantry_pool_connections{state=\"idle\"}") > 0 &&
           Metric("tenantry_pool_connections{state=\"busy\"}") == 0;
  };
  while (!rests() && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_EQ(Metric("tenantry_lane_queue_depth"), 0);
  EXPECT_EQ(Metric("tenantry_lane_in_flight"), 0);
  EXPECT_EQ(Metric("tenantry_pool_connections{state=\"busy\"}"), 0);
  EXPECT_GE(Metric("tenantry_pool_connections{state=\"idle\"}"), 1);
  EXPECT_EQ(Metric("tenantry_transactions_total{outcome=\"committed\"}"), 100);
}

}  // namespace
}  // namespace tenantry::test
