// A database that takes connections and says nothing, from the beginning or from some point on:
// nobody waits for it longer than told, and a shutdown does not wait at all.
#include <cstdint>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "server/pg/interactive.h"
#include "server/pg/system.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/lanes/gate.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;

class SilenceTest : public PgTest {
 protected:
  SilenceTest() : gate_(Postgres().socket_path()) {}

  std::string Url() const { return gate_.Url("tenantry_app", database_->name()); }

  void Start(absl::Duration connect_timeout) {
    pg::ExecutorOptions options;
    options.database_url = Url();
    options.connect_timeout = connect_timeout;
    options.stall_margin = absl::Milliseconds(300);
    executor_ = MakeExecutor(options);
    runner_ = pg::MakeInteractiveRunner(*executor_);
  }

  absl::Status ReadOnce(absl::Duration time = absl::Seconds(5)) {
    auto call = Read(1, "SELECT 1::text");
    call->deadline = absl::Now() + time;
    return Submit(*executor_, *call).Wait();
  }

  absl::Status Run(absl::Duration time,
                   const std::function<absl::Status(pg::WriteTransaction&)>& body) {
    absl::Status status;
    const identity::Identity identity = MakeIdentity(1);
    runner_->Write({.identity = identity, .deadline = absl::Now() + time}, body,
                   [&](const absl::Status& outcome) { status = outcome; });
    return status;
  }

  void AwaitAccepted(int count) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    while (gate_.accepted() < count && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    ASSERT_GE(gate_.accepted(), count);
  }

  // From the last call of Begin on.
  void Begin() { began_ = absl::Now(); }
  absl::Duration taken() const { return absl::Now() - began_; }

  Gate gate_;
  std::unique_ptr<pg::Executor> executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
  absl::Time began_;
};

absl::Status Ask(pg::WriteTransaction& transaction) {
  return transaction.Query<std::int32_t>("SELECT 1").status();
}

absl::Status Insert(pg::WriteTransaction& transaction) {
  return transaction.Execute("INSERT INTO app.notes (id) VALUES (1)").status();
}

// While a connection is opened: without a word, or silent after the start-up.
class OpeningTest : public SilenceTest, public ::testing::WithParamInterface<bool> {
 protected:
  OpeningTest() {
    if (GetParam()) {
      gate_.StallAfterStartup();
    } else {
      gate_.Stall();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Silence, OpeningTest, ::testing::Bool(), [](const auto& info) {
  return info.param ? "AfterStartup" : "FromTheBeginning";
});

TEST_P(OpeningTest, AShutdownDoesNotWait) {
  Start(absl::Seconds(30));
  executor_->Warm();
  AwaitAccepted(1);
  absl::SleepFor(absl::Milliseconds(100));  // so that the start-up is over, if it passes
  Begin();
  executor_->Shutdown(absl::ZeroDuration());
  EXPECT_LT(taken(), absl::Seconds(2));
}

TEST_P(OpeningTest, IsGivenUpAndTriedAgainAndRecovers) {
  Start(absl::Milliseconds(200));
  EXPECT_EQ(ReadOnce().code(), StatusCode::kUnavailable);
  AwaitAccepted(3);
  EXPECT_FALSE(executor_->reachable());
  gate_.Open();
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (!executor_->reachable() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_TRUE(ReadOnce().ok());
}

TEST_P(OpeningTest, AnInteractiveTransactionKeepsItsDeadline) {
  Start(absl::Seconds(30));
  Begin();
  EXPECT_EQ(Run(absl::Milliseconds(300), Ask).code(), StatusCode::kDeadlineExceeded);
  EXPECT_LT(taken(), absl::Seconds(2));
  EXPECT_TRUE(executor_->reachable()) << "too little time says nothing about the database";
  gate_.Open();
  EXPECT_TRUE(Run(absl::Seconds(5), Ask).ok());
}

TEST_P(OpeningTest, AnInteractiveTransactionDoesNotHoldUpAShutdown) {
  Start(absl::Seconds(30));
  absl::Status status;
  std::thread worker([&] { status = Run(absl::Seconds(20), Ask); });
  AwaitAccepted(1);
  absl::SleepFor(absl::Milliseconds(100));
  Begin();
  executor_->Shutdown(absl::Milliseconds(200));
  worker.join();
  EXPECT_LT(taken(), absl::Seconds(2));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
}

// One host is silent, the next is not.
TEST_F(SilenceTest, TheNextHostIsTried) {
  Gate other(Postgres().socket_path());
  gate_.Stall();
  pg::ExecutorOptions options;
  const std::string ports = std::to_string(gate_.port()) + "," + std::to_string(other.port());
  options.database_url =
      "host=127.0.0.1,127.0.0.1 port=" + ports + " user=tenantry_app dbname=" + database_->name();
  options.connect_timeout = absl::Seconds(1);  // plenty for the host that answers
  executor_ = MakeExecutor(options);
  EXPECT_TRUE(ReadOnce(absl::Seconds(10)).ok());
  EXPECT_EQ(gate_.accepted(), 1);
  EXPECT_GE(other.accepted(), 1);
}

TEST_F(SilenceTest, ASystemConnectionIsGivenUp) {
  gate_.StallAfterStartup();
  Begin();
  const auto connection = pg::OpenSystemConnection(Url());
  EXPECT_EQ(connection.status().code(), StatusCode::kUnavailable);
  EXPECT_LT(taken(), absl::Seconds(8));
}

// Between two transactions on one connection.
TEST_F(SilenceTest, AnIdleConnectionThatFellSilentKeepsTheDeadline) {
  Start(absl::Seconds(5));
  ASSERT_TRUE(Run(absl::Seconds(5), Ask).ok());
  gate_.Stall();
  Begin();
  EXPECT_EQ(Run(absl::Milliseconds(300), Ask).code(), StatusCode::kDeadlineExceeded);
  EXPECT_LT(taken(), absl::Seconds(2));
  gate_.Open();
  EXPECT_TRUE(Run(absl::Seconds(5), Ask).ok());
}

TEST_F(SilenceTest, AnInteractiveTransactionEndsSoonAfterItsDeadline) {
  Start(absl::Seconds(5));
  Begin();
  const absl::Status status =
      Run(absl::Milliseconds(500), [this](pg::WriteTransaction& transaction) {
        gate_.Stall();
        return Insert(transaction);
      });
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_LT(taken(), absl::Seconds(3));
  gate_.Open();
  EXPECT_TRUE(Run(absl::Seconds(5), Ask).ok());
}

TEST_F(SilenceTest, AShutdownCutsAnInteractiveTransactionOffAfterItsGrace) {
  Start(absl::Seconds(5));
  absl::Notification inside;
  absl::Status status;
  std::thread worker([&] {
    status = Run(absl::Seconds(20), [&](pg::WriteTransaction& transaction) {
      gate_.Stall();
      inside.Notify();
      return Insert(transaction);
    });
  });
  inside.WaitForNotification();
  Begin();
  executor_->Shutdown(absl::Milliseconds(300));
  worker.join();
  EXPECT_GE(taken(), absl::Milliseconds(300));
  EXPECT_LT(taken(), absl::Seconds(2));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
}

TEST_F(SilenceTest, AShutdownWaitsForAnInteractiveTransaction) {
  Start(absl::Seconds(5));
  absl::Notification inside;
  absl::Status status;
  std::thread worker([&] {
    status = Run(absl::Seconds(20), [&](pg::WriteTransaction& transaction) {
      inside.Notify();
      auto slept = transaction.Query<std::string>("SELECT pg_sleep(0.5)::text");
      return slept.ok() ? Insert(transaction) : slept.status();
    });
  });
  inside.WaitForNotification();
  executor_->Shutdown(absl::Seconds(10));
  worker.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "1");
}

}  // namespace
}  // namespace tenantry::test
