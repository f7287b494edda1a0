// Connections by route: each purpose keeps to its own limit, and a place that was lent is free
// again whatever became of the transaction that had it.
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"

#include "server/pg/interactive.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::WriteTransaction;

absl::Status Insert(WriteTransaction& transaction) {
  return transaction.Execute("INSERT INTO app.notes (id) SELECT count(*) FROM app.notes").status();
}

absl::Status Sleep(WriteTransaction& transaction) {
  return transaction.Query<std::string>("SELECT pg_sleep(10)::text").status();
}

class RoutesTest : public PgTest {
 protected:
  double Gauge(const std::string& name, const std::string& purpose) const {
    return Metric(name + "{endpoint=\"primary\",purpose=\"" + purpose + "\"}");
  }
  double Open(const std::string& purpose) const {
    return Gauge("tenantry_route_connections", purpose);
  }
  double Max(const std::string& purpose) const {
    return Gauge("tenantry_route_connections_max", purpose);
  }
  double Lent() const { return Metric("tenantry_pool_connections{state=\"lent\"}"); }
  // What PostgreSQL itself counts.
  int Backends() const {
    return std::stoi(
        Admin("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
              " AND datname = current_database()"));
  }
  void EndBackends() const {
    Admin(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE usename = 'tenantry_app' AND datname = current_database()");
  }
  // A backend ends shortly after its connection was closed.
  ::testing::AssertionResult GaugesAgreeWithPostgres() const {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    double open = 0;
    int backends = 0;
    do {
      open = Open("reads") + Open("writes") + Open("interactive");
      backends = Backends();
      if (open == backends) return ::testing::AssertionSuccess();
      absl::SleepFor(absl::Milliseconds(20));
    } while (absl::Now() < until);
    return ::testing::AssertionFailure() << open << " by the gauges, of " << backends;
  }
};

// --- what is lent ---

class LentTest : public RoutesTest {
 protected:
  using Body = std::function<absl::Status(WriteTransaction&)>;

  LentTest() {
    pg::ExecutorOptions options;
    options.interactive_connections_max = 1;
    options.queue_wait_max = absl::Seconds(1);
    executor_ = MakeExecutor(options);
    runner_ = pg::MakeInteractiveRunner(*executor_);
  }

  absl::Status Write(const Body& body, std::function<bool()> cancelled = nullptr,
                     absl::Duration time = absl::Seconds(20)) {
    absl::Status status = absl::UnknownError("not told");
    const identity::Identity identity = MakeIdentity(1);
    runner_->Write(
        {.identity = identity, .deadline = absl::Now() + time, .cancelled = std::move(cancelled)},
        body, [&](const absl::Status& outcome) { status = outcome; });
    return status;
  }

  // The only place is free, and a connection is there for the next.
  void ExpectFree() {
    EXPECT_EQ(Lent(), 0);
    EXPECT_TRUE(GaugesAgreeWithPostgres());
    const absl::Status next = Write(Insert);
    EXPECT_TRUE(next.ok()) << next;
    EXPECT_EQ(Open("interactive"), 1);
    EXPECT_TRUE(GaugesAgreeWithPostgres());
  }

  std::unique_ptr<pg::Executor> executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
};

TEST_F(LentTest, APlaceIsTakenForAsLongAsItsTransactionRuns) {
  double lent = 0;
  EXPECT_TRUE(Write([&](WriteTransaction& transaction) {
                lent = Lent();
                return Insert(transaction);
              }).ok());
  EXPECT_EQ(lent, 1);
  ExpectFree();
}

TEST_F(LentTest, AnErrorFreesIt) {
  EXPECT_FALSE(Write([](WriteTransaction&) { return absl::AbortedError("no"); }).ok());
  ExpectFree();
  EXPECT_FALSE(Write([](WriteTransaction& transaction) {
                 return transaction.Execute("SELECT 1 / 0").status();
               }).ok());
  ExpectFree();
}

TEST_F(LentTest, AnExceptionFreesIt) {
  EXPECT_FALSE(
      Write([](WriteTransaction&) -> absl::Status { throw std::runtime_error("body"); }).ok());
  ExpectFree();
}

// Nobody else catches what these throw.
TEST_F(LentTest, AnExceptionOfTheCallersOwnFunctionsFreesIt) {
  std::atomic<bool> ran{false};
  EXPECT_THROW(Write(
                   [&](WriteTransaction& transaction) {
                     const absl::Status status = Insert(transaction);
                     ran = true;  // what follows is the commit
                     return status;
                   },
                   [&]() -> bool {
                     if (ran) throw std::runtime_error("cancelled");
                     return false;
                   })
                   .ok(),
               std::runtime_error);
  ExpectFree();
  const identity::Identity identity = MakeIdentity(1);
  EXPECT_THROW(
      runner_->Write({.identity = identity, .deadline = absl::Now() + absl::Seconds(20)}, Insert,
                     [](const absl::Status&) { throw std::runtime_error("done"); }),
      std::runtime_error);
  ExpectFree();
}

TEST_F(LentTest, ALostConnectionFreesIt) {
  EXPECT_FALSE(Write([this](WriteTransaction& transaction) {
                 EndBackends();
                 return Insert(transaction);
               }).ok());
  ExpectFree();
  EndBackends();  // of one that is idle, which is noticed when it is lent again
  EXPECT_TRUE(Write(Insert).ok());
  ExpectFree();
}

TEST_F(LentTest, CancellationAndDeadlineFreeIt) {
  EXPECT_EQ(Write(Insert, [] { return true; }).code(), StatusCode::kCancelled);
  ExpectFree();
  EXPECT_EQ(Write(Sleep, nullptr, absl::Milliseconds(200)).code(), StatusCode::kDeadlineExceeded);
  ExpectFree();
  // One that waits for the place in vain takes none.
  EXPECT_TRUE(Write([this](WriteTransaction& transaction) {
                std::thread other([this] {
                  EXPECT_EQ(Write(Insert, nullptr, absl::Milliseconds(100)).code(),
                            StatusCode::kDeadlineExceeded);
                });
                other.join();
                return Insert(transaction);
              }).ok());
  ExpectFree();
}

TEST_F(LentTest, ADatabaseThatIsDownTakesNone) {
  ASSERT_TRUE(Postgres().Stop().ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Write(Insert).code(), StatusCode::kUnavailable);
    EXPECT_EQ(Lent(), 0);
    EXPECT_EQ(Open("interactive"), 0);
  }
  ASSERT_TRUE(Postgres().StartAgain().ok());
  absl::SleepFor(absl::Milliseconds(200));
  ExpectFree();
}

TEST_F(LentTest, ShutdownWaitsForWhatIsLent) {
  absl::Notification inside, leave;
  std::thread call([&] {
    EXPECT_TRUE(Write([&](WriteTransaction& transaction) {
                  inside.Notify();
                  leave.WaitForNotification();
                  return Insert(transaction);
                }).ok());
  });
  inside.WaitForNotification();
  std::thread stop([this] { executor_->Shutdown(absl::Seconds(30)); });
  absl::SleepFor(absl::Milliseconds(100));
  leave.Notify();
  stop.join();
  EXPECT_EQ(Lent(), 0);
  call.join();
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "1");
}

TEST_F(LentTest, ShutdownBreaksWhatIsLentForTooLong) {
  absl::Notification inside;
  absl::Status status;
  std::thread call([&] {
    status = Write([&](WriteTransaction& transaction) {
      EXPECT_TRUE(Insert(transaction).ok());
      inside.Notify();
      return Sleep(transaction);
    });
  });
  inside.WaitForNotification();
  executor_->Shutdown(absl::Milliseconds(100));
  call.join();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_EQ(Lent(), 0);
  EXPECT_EQ(Open("interactive"), 0);
  EXPECT_EQ(ReasonOf(Write(Insert)), "SHUTTING_DOWN");
}

// --- all routes ---

TEST_F(RoutesTest, EachKeepsToItsLimit) {
  pg::ExecutorOptions options;
  options.lanes = 2;
  options.connections_per_lane = 2;
  options.write_connections_per_lane = 3;
  options.interactive_connections_max = 2;
  auto executor = MakeExecutor(options);
  auto runner = pg::MakeInteractiveRunner(*executor);
  EXPECT_EQ(Max("reads"), 4);
  EXPECT_EQ(Max("writes"), 6);
  EXPECT_EQ(Max("interactive"), 2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 5; ++i) {
    callers.emplace_back([&runner, i] {
      const identity::Identity identity = MakeIdentity(1 + i);
      for (int call = 0; call < 20; ++call) {
        runner->Write(
            {.identity = identity, .deadline = absl::InfiniteFuture()},
            [](WriteTransaction& transaction) {
              return transaction.Query<std::string>("SELECT pg_sleep(0.01)::text").status();
            },
            [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
      }
    });
  }
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 200; ++i) {
    calls.push_back(Read(i, "SELECT pg_sleep(0.01)::text"));
    calls.push_back(Write(i, "SELECT pg_sleep(0.01)::text"));
  }
  for (auto& call : calls) executor->Submit(call.get());
  for (auto& call : calls) {
    EXPECT_TRUE(call->Wait().ok()) << call->Wait();
    for (const char* purpose : {"reads", "writes", "interactive"}) {
      EXPECT_LE(Open(purpose), Max(purpose)) << purpose;
    }
  }
  for (std::thread& caller : callers) caller.join();
  for (const char* purpose : {"reads", "writes", "interactive"}) EXPECT_GT(Open(purpose), 0);
  EXPECT_TRUE(GaugesAgreeWithPostgres());
  executor.reset();
  for (const char* purpose : {"reads", "writes", "interactive"}) EXPECT_EQ(Open(purpose), 0);
  EXPECT_TRUE(GaugesAgreeWithPostgres());
}

TEST_F(RoutesTest, AConnectionThatIsLostIsCountedNoMore) {
  auto executor = MakeExecutor();
  for (int round = 0; round < 3; ++round) {
    auto read = Read(1, "SELECT 1::text");
    auto write = Write(1, "INSERT INTO app.notes (id) SELECT count(*) FROM app.notes");
    Submit(*executor, *read);
    Submit(*executor, *write);
    EXPECT_TRUE(read->Wait().ok()) << read->Wait();
    EXPECT_TRUE(write->Wait().ok()) << write->Wait();
    EXPECT_TRUE(GaugesAgreeWithPostgres());
    EndBackends();
    EXPECT_TRUE(GaugesAgreeWithPostgres());
    // A connection that was open for less than this is followed by a pause.
    absl::SleepFor(absl::Milliseconds(300));
  }
}

TEST_F(RoutesTest, WritesWithoutConnectionsOfTheirOwnTakeThoseOfReads) {
  pg::ExecutorOptions options;
  options.write_connections_per_lane = 0;
  auto executor = MakeExecutor(options);
  for (int i = 0; i < 20; ++i) {
    auto write = Write(1, "INSERT INTO app.notes (id) SELECT count(*) FROM app.notes");
    ASSERT_TRUE(Submit(*executor, *write).Wait().ok()) << write->Wait();
  }
  EXPECT_EQ(Max("writes"), 0);
  EXPECT_EQ(Open("writes"), 0);
  EXPECT_GT(Open("reads"), 0);
  EXPECT_TRUE(GaugesAgreeWithPostgres());
}

}  // namespace
}  // namespace tenantry::test
