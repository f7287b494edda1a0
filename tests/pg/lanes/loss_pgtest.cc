// Lost connections, a database that is down, half-open networks: reads move on, writes never happen
// twice, and everything recovers by itself.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <pqxx/pqxx>
#include <thread>

#include "absl/time/clock.h"
#include "server/base/setting_file.h"
#include "server/pg/interactive.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/lanes/gate.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::Access;

constexpr char kKillOthers[] =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE usename = 'tenantry_app' AND datname = current_database()";

pg::ExecutorOptions Connections(int n) {
  pg::ExecutorOptions options;
  options.connections_per_lane = n;
  options.write_connections_per_lane = 0;
  options.write_depth_max = 8;  // deeper than usual, for the sake of the test
  return options;
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

class LossTest : public PgTest {
 protected:
  absl::Status ReadOnce(pg::Executor& executor, absl::Duration time = absl::Seconds(5)) {
    auto call = Read(1, "SELECT 1::text");
    call->deadline = absl::Now() + time;
    return Submit(executor, *call).Wait();
  }
};

TEST_F(LossTest, KilledWhenIdleIsNoticedBeforeTheNextCall) {
  auto executor = MakeExecutor(Connections(1));
  ASSERT_TRUE(ReadOnce(*executor).ok());
  for (int i = 0; i < 5; ++i) {
    Admin(kKillOthers);
    absl::SleepFor(absl::Milliseconds(50));
    auto call =
        Write(1, "INSERT INTO app.notes (id) VALUES (($1::text)::bigint)", {std::to_string(i)});
    EXPECT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
  }
}

TEST_F(LossTest, ReadsInFlightMoveOn) {
  auto executor = MakeExecutor(Connections(2));
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(Read(1, "SELECT 'x', pg_sleep(0.2)::text"));
    executor->Submit(calls.back().get());
  }
  absl::SleepFor(absl::Milliseconds(100));
  Admin(kKillOthers);
  for (auto& call : calls) {
    ASSERT_TRUE(call->Wait().ok()) << call->Wait();
    EXPECT_EQ(call->Value(), "x");
  }
  EXPECT_GT(Metric("tenantry_transaction_retries_total{reason=\"connection_lost\"}"), 0);
}

TEST_F(LossTest, ReadsMoveOnOnlyOnce) {
  auto executor = MakeExecutor(Connections(1));
  auto call = Read(1, "SELECT pg_sleep(10)::text");
  executor->Submit(call.get());
  for (int i = 0; i < 2; ++i) {
    while (Admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0") {
      absl::SleepFor(absl::Milliseconds(10));
    }
    Admin(kKillOthers);
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(call->Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(call->reason(), "DATABASE_UNAVAILABLE");
}

// The database said FATAL in the midst: rolled back for certain.
TEST_F(LossTest, AWriteKilledInTheMidstDidNotHappen) {
  auto executor = MakeExecutor(Connections(1));
  auto call = Write(1, "INSERT INTO app.notes (id) SELECT 1 FROM pg_sleep(10)");
  executor->Submit(call.get());
  while (Admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0") {
    absl::SleepFor(absl::Milliseconds(10));
  }
  Admin(kKillOthers);
  EXPECT_EQ(call->Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(call->reason(), "DATABASE_UNAVAILABLE");
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

// After a fail-over a connection may lead to what is a standby now.
TEST_F(LossTest, AServerThatTurnedReadOnlyIsUnavailableForWritesAndLeft) {
  auto read_only = [this](const char* change) {
    Admin(std::string("ALTER SYSTEM ") + change);
    Admin("SELECT pg_reload_conf()");
  };
  auto executor = MakeExecutor();
  auto runner = pg::MakeInteractiveRunner(*executor);
  auto write = [&] {
    auto call = Write(1, "INSERT INTO app.notes (id) SELECT count(*) FROM app.notes");
    absl::Status status = Submit(*executor, *call).Wait();
    if (!status.ok()) {
      EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
      EXPECT_EQ(call->reason(), "DATABASE_UNAVAILABLE");
    }
    return status.ok();
  };
  auto write_interactively = [&] {
    absl::Status status;
    const identity::Identity identity = MakeIdentity(1);
    runner->Write(
        {.identity = identity, .deadline = absl::InfiniteFuture()},
        [](pg::WriteTransaction& transaction) {
          return transaction.Execute("INSERT INTO app.notes (id) SELECT count(*) FROM app.notes")
              .status();
        },
        [&](const absl::Status& outcome) { status = outcome; });
    EXPECT_TRUE(status.ok() || ReasonOf(status) == "DATABASE_UNAVAILABLE") << status;
    return status.ok();
  };
  auto await = [](const std::function<bool()>& condition) {
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (!condition() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(20));
    return condition();
  };
  ASSERT_TRUE(write());
  ASSERT_TRUE(write_interactively());
  read_only("SET default_transaction_read_only = on");
  EXPECT_TRUE(await([&] { return !write(); }));
  EXPECT_TRUE(await([&] { return !write_interactively(); }));
  const std::string rows = Admin("SELECT count(*) FROM app.notes");
  EXPECT_TRUE(ReadOnce(*executor).ok());
  EXPECT_TRUE(await([&] { return Metric("tenantry_pool_events_total{event=\"read_only\"}") > 0; }));
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), rows);
  read_only("RESET default_transaction_read_only");
  EXPECT_TRUE(await(write));
  EXPECT_TRUE(await(write_interactively));
}

// A password is rotated under a running server: what is opened from then on takes the new one.
TEST_F(LossTest, ARotatedPasswordIsReadFromItsFile) {
  const std::string rules = Postgres().data_dir() + "/pg_hba.conf";
  const std::string rules_before = ReadFile(rules);
  const std::string file = ::testing::TempDir() + "url." + std::to_string(getpid());
  auto set_rules = [&](const std::string& text) {
    std::ofstream(rules) << text;
    Admin("SELECT pg_reload_conf()");
  };
  auto url = [&](const std::string& password) {
    return database_->app_url() + "&password=" + password;
  };
  auto set_password = [&](const std::string& password) {
    Admin("ALTER ROLE tenantry_app PASSWORD '" + password + "'");
    std::ofstream(file) << url(password) << "\n";
  };
  auto refused = [&](const std::string& password) {
    pg::ExecutorOptions options;
    options.database_url = url(password);
    return !ReadOnce(*MakeExecutor(options), absl::Seconds(2)).ok();
  };
  set_password("first");
  set_rules("local all tenantry_app scram-sha-256\n" + rules_before);
  for (int i = 0; i < 100 && !refused("wrong"); ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_TRUE(refused("wrong"));

  SettingFile fresh(file, url("first"));
  pg::ExecutorOptions options;
  options.database_url = url("first");
  options.fresh_database_url = [&] { return fresh.Read(); };
  auto executor = MakeExecutor(options);
  auto runner = pg::MakeInteractiveRunner(*executor);
  auto all_work = [&] {
    EXPECT_TRUE(ReadOnce(*executor, absl::Seconds(20)).ok());
    auto write = Write(1, "INSERT INTO app.notes (id) SELECT count(*) FROM app.notes");
    EXPECT_TRUE(Submit(*executor, *write).Wait().ok()) << write->Wait();
    const identity::Identity identity = MakeIdentity(1);
    runner->Read(
        {.identity = identity, .deadline = absl::InfiniteFuture()},
        [](pg::ReadTransaction&) { return absl::OkStatus(); },
        [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
  };
  auto kill_all = [this] {
    Admin(
        "SELECT count(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity"
        " WHERE usename = 'tenantry_app' AND datname = current_database()");
  };
  all_work();
  set_password("second");
  kill_all();
  all_work();
  std::remove(file.c_str());
  kill_all();
  all_work();  // with the last that was read
  EXPECT_TRUE(refused("first"));

  set_rules(rules_before);
  Admin("ALTER ROLE tenantry_app PASSWORD NULL");
}

TEST_F(LossTest, AWriteWithoutAnAnswerIsUnknown) {
  Gate gate(Postgres().socket_path());
  auto options = Connections(1);
  options.database_url = gate.Url("tenantry_app", database_->name());
  auto executor = MakeExecutor(options);
  ASSERT_TRUE(ReadOnce(*executor).ok());
  gate.HoldAnswers();
  auto write = Write(1, "INSERT INTO app.notes (id) VALUES (1)");
  auto read = Read(1, "SELECT 'x'");
  executor->Submit(write.get());
  executor->Submit(read.get());
  while (Admin("SELECT count(*) FROM app.notes") == "0") absl::SleepFor(absl::Milliseconds(5));
  gate.Open();
  gate.BreakAll();
  EXPECT_EQ(write->Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(write->reason(), "OUTCOME_UNKNOWN");
  EXPECT_TRUE(read->Wait().ok()) << read->Wait();
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "1");
}

// Backends are killed at random under a load of writes. OK means once, refused means never, and
// unknown at most once.
TEST_F(LossTest, NoWriteHappensTwice) {
  auto options = Connections(3);
  auto executor = MakeExecutor(options);
  std::atomic<bool> stop{false};
  std::thread killer([&] {
    while (!stop) {
      absl::SleepFor(absl::Milliseconds(30));
      Admin(kKillOthers);
    }
  });
  int ok = 0, unknown = 0, unavailable = 0;
  std::vector<int> sure, never;
  int id = 0;
  const absl::Time end = absl::Now() + absl::Seconds(3);
  while (absl::Now() < end) {
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < 20; ++i) {
      calls.push_back(Write(1, "INSERT INTO app.notes (id) VALUES (($1::text)::bigint)",
                            {std::to_string(id + i)}));
      executor->Submit(calls.back().get());
    }
    for (auto& call : calls) {
      const absl::Status& status = call->Wait();
      if (status.ok()) {
        ++ok;
        sure.push_back(id);
      } else if (call->reason() == "OUTCOME_UNKNOWN") {
        ++unknown;
      } else {
        // ALREADY_EXISTS would be the second time.
        ASSERT_EQ(call->reason(), "DATABASE_UNAVAILABLE") << status;
        ++unavailable;
        never.push_back(id);
      }
      ++id;
    }
  }
  stop = true;
  killer.join();
  std::printf("%d committed, %d unknown, %d surely not\n", ok, unknown, unavailable);
  auto list = [](const std::vector<int>& ids) {
    std::string text = "-1";
    for (int i : ids) text += "," + std::to_string(i);
    return text;
  };
  EXPECT_GT(ok, 100);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes WHERE id IN (" + list(sure) + ")"),
            std::to_string(ok));
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes WHERE id IN (" + list(never) + ")"), "0");
}

TEST_F(LossTest, DownIsSaidSoonAndRecoveryNeedsNoHelp) {
  std::atomic<int> reachable{-1};
  auto executor = MakeExecutor(
      {},
      {.on_state = [&](const absl::Status& state) { reachable = state.ok(); }, .verify = nullptr});
  ASSERT_TRUE(ReadOnce(*executor).ok());
  EXPECT_EQ(reachable, 1);
  ASSERT_TRUE(Postgres().Stop().ok());
  for (int i = 0; i < 3; ++i) {
    const absl::Time before = absl::Now();
    auto call = Read(1, "SELECT 1::text");
    EXPECT_EQ(Submit(*executor, *call).Wait().code(), StatusCode::kUnavailable);
    EXPECT_EQ(call->reason(), "DATABASE_UNAVAILABLE");
    EXPECT_LT(absl::Now() - before, absl::Milliseconds(600));
    EXPECT_EQ(reachable, 0);
    EXPECT_FALSE(executor->reachable());
  }
  ASSERT_TRUE(Postgres().StartAgain().ok());
  EXPECT_TRUE(ReadOnce(*executor).ok()) << "the first call after the recovery";
  EXPECT_EQ(reachable, 1);

  ASSERT_TRUE(Postgres().Restart(dev::PrivatePostgres::StopMode::kImmediate).ok());
  const absl::Time until = absl::Now() + absl::Seconds(10);
  while (!executor->reachable() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_TRUE(executor->reachable()) << "without a call";
  EXPECT_TRUE(ReadOnce(*executor).ok());
}

TEST_F(LossTest, MayStartBeforeTheDatabase) {
  ASSERT_TRUE(Postgres().Stop().ok());
  auto executor = MakeExecutor();
  executor->Warm();
  EXPECT_EQ(ReadOnce(*executor).code(), StatusCode::kUnavailable);
  ASSERT_TRUE(Postgres().StartAgain().ok());
  EXPECT_TRUE(ReadOnce(*executor).ok());
}

TEST_F(LossTest, ASilentNetworkIsUnavailableBeforeTheDeadline) {
  Gate gate(Postgres().socket_path());
  gate.Stall();
  pg::ExecutorOptions options;
  options.database_url = gate.Url("tenantry_app", database_->name());
  options.connect_timeout = absl::Seconds(2);
  auto executor = MakeExecutor(options);
  auto call = Read(1, "SELECT 1::text");
  call->deadline = absl::Now() + absl::Milliseconds(300);
  EXPECT_EQ(Submit(*executor, *call).Wait().code(), StatusCode::kUnavailable);
  EXPECT_LT(absl::Now(), call->deadline);
  gate.Open();
  EXPECT_TRUE(ReadOnce(*executor).ok());
}

// Only what waited when the attempt began fails with it.
TEST_F(LossTest, ACallThatCameDuringAnAttemptWaitsForTheNext) {
  Gate gate(Postgres().socket_path());
  gate.Stall();
  pg::ExecutorOptions options;
  options.database_url = gate.Url("tenantry_app", database_->name());
  auto executor = MakeExecutor(options);
  auto before = Read(1, "SELECT 1::text");
  executor->Submit(before.get());
  while (gate.accepted() == 0) absl::SleepFor(absl::Milliseconds(5));
  auto during = Read(1, "SELECT 1::text");
  executor->Submit(during.get());
  absl::SleepFor(absl::Milliseconds(50));
  gate.BreakAll();
  EXPECT_EQ(before->Wait().code(), StatusCode::kUnavailable);
  gate.Open();
  EXPECT_TRUE(during->Wait().ok()) << during->Wait();
}

TEST_F(LossTest, ASilentConnectionIsGivenUp) {
  Gate gate(Postgres().socket_path());
  auto options = Connections(1);
  options.database_url = gate.Url("tenantry_app", database_->name());
  options.statement_timeout_max = absl::Milliseconds(300);
  options.stall_margin = absl::Milliseconds(300);
  auto executor = MakeExecutor(options);
  ASSERT_TRUE(ReadOnce(*executor).ok());
  const int before = gate.accepted();
  gate.Stall();
  auto write = Write(1, "INSERT INTO app.notes (id) VALUES (1)");
  auto read = Read(1, "SELECT 'x'");
  executor->Submit(write.get());
  executor->Submit(read.get());
  EXPECT_EQ(write->Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(write->reason(), "OUTCOME_UNKNOWN");
  gate.Open();
  EXPECT_TRUE(read->Wait().ok()) << read->Wait();
  EXPECT_GT(gate.accepted(), before);
}

// An answer cut in the middle of a message, many times over.
TEST_F(LossTest, ReadsSurviveConnectionsCutAnywhere) {
  Gate gate(Postgres().socket_path());
  auto options = Connections(2);
  options.database_url = gate.Url("tenantry_app", database_->name());
  auto executor = MakeExecutor(options);
  std::atomic<bool> stop{false};
  std::atomic<int> ok{0};
  // A busy machine may take longer to open a connection than this one waits: not before it has.
  std::thread breaker([&] {
    for (int before = 0; !stop;) {
      absl::SleepFor(absl::Milliseconds(151));
      if (ok == before) continue;
      before = ok;
      gate.BreakAll();
    }
  });
  int lost = 0;
  const absl::Time end = absl::Now() + absl::Seconds(3);
  while (absl::Now() < end) {
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < 10; ++i) {
      calls.push_back(Read(1, "SELECT repeat('x', 20000), $1::text", {std::to_string(i)}));
      executor->Submit(calls.back().get());
    }
    for (int i = 0; i < 10; ++i) {
      if (calls[i]->Wait().ok()) {
        ++ok;
        ASSERT_EQ(calls[i]->Value(0, 0).size(), 20000u);
        ASSERT_EQ(calls[i]->Value(0, 1), std::to_string(i));
      } else {
        ++lost;  // twice in a row
        ASSERT_EQ(calls[i]->reason(), "DATABASE_UNAVAILABLE") << calls[i]->Wait();
      }
    }
  }
  stop = true;
  breaker.join();
  std::printf("%d answered, %d lost twice\n", ok.load(), lost);
  EXPECT_GT(ok, 50);
  EXPECT_LT(lost, ok);
}

TEST_F(LossTest, AnUnsafeConnectionIsNotUsed) {
  std::atomic<bool> safe{false};
  auto executor = MakeExecutor({}, {.on_state = nullptr, .verify = [&](pqxx::connection&) {
                                      return safe ? absl::OkStatus()
                                                  : absl::FailedPreconditionError("unsafe role");
                                    }});
  auto refused = Read(1, "SELECT 1::text");
  EXPECT_EQ(Submit(*executor, *refused).Wait().code(), StatusCode::kUnavailable);
  EXPECT_EQ(refused->reason(), "DATABASE_UNSAFE");
  EXPECT_FALSE(executor->reachable());
  safe = true;
  EXPECT_TRUE(Eventually([&] { return ReadOnce(*executor).ok(); }));
}

// Connections that were verified before are no way around a refusal: no call is sent any more. When
// the cause is mended calls are served again, without help.
TEST_F(LossTest, ADatabaseThatTurnsUnsafeGetsNoCall) {
  std::atomic<bool> safe{true};
  absl::Mutex mutex;
  std::vector<StatusCode> states;
  pg::ExecutorOptions options;
  options.verify_interval = absl::Milliseconds(50);
  options.reconnect_backoff_max = absl::Milliseconds(50);
  auto executor = MakeExecutor(
      options, {.on_state =
                    [&](const absl::Status& state) {
                      absl::MutexLock lock(&mutex);
                      states.push_back(state.code());
                    },
                .verify =
                    [&](pqxx::connection&) {
                      return safe ? absl::OkStatus() : absl::FailedPreconditionError("no policy");
                    }});
  auto runner = pg::MakeInteractiveRunner(*executor);
  auto borrow = [&] {
    absl::Status answer;
    const identity::Identity identity = MakeIdentity(1);
    runner->Read(
        {.identity = identity, .deadline = absl::Now() + absl::Seconds(10)},
        [](pg::ReadTransaction&) { return absl::OkStatus(); },
        [&](const absl::Status& status) { answer = status; });
    return answer;
  };
  ASSERT_TRUE(ReadOnce(*executor).ok());
  ASSERT_TRUE(borrow().ok());
  safe = false;
  // Nothing connects: the look at intervals finds it.
  EXPECT_TRUE(Eventually([&] { return !executor->reachable(); }));
  for (int i = 0; i < 3; ++i) {
    auto refused = Read(1, "SELECT 1::text");
    EXPECT_EQ(Submit(*executor, *refused).Wait().code(), StatusCode::kUnavailable);
    EXPECT_EQ(refused->reason(), "DATABASE_UNSAFE");
    EXPECT_EQ(ReasonOf(borrow()), "DATABASE_UNSAFE");
  }
  safe = true;
  EXPECT_TRUE(Eventually([&] { return executor->reachable(); })) << "without a call";
  EXPECT_TRUE(ReadOnce(*executor).ok());
  EXPECT_TRUE(borrow().ok());
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(states, (std::vector<StatusCode>{StatusCode::kOk, StatusCode::kFailedPrecondition,
                                             StatusCode::kOk}));
}

}  // namespace
}  // namespace tenantry::test
