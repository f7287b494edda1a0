// Interactive transactions: the same context, commit and rollback, and nothing left behind.
#include <cstdint>
#include <limits>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include "server/pg/interactive.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::Access;

class InteractiveTest : public PgTest {
 protected:
  InteractiveTest() { Start({}); }
  void Start(pg::ExecutorOptions options) {
    runner_.reset();
    executor_ = MakeExecutor(options);
    runner_ = pg::MakeInteractiveRunner(*executor_);
  }
  absl::Status Run(int tenant, Access access, const std::function<absl::Status(pqxx::work&)>& body,
                   absl::Duration time = absl::Seconds(5)) {
    absl::Status status;
    runner_->Run(MakeIdentity(tenant), access, absl::Now() + time, body,
                 [&](const absl::Status& outcome) { status = outcome; });
    return status;
  }

  std::unique_ptr<pg::Executor> executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
};

absl::Status Insert(pqxx::work& work) {
  work.exec("INSERT INTO app.notes (id) VALUES (1)").no_rows();
  return absl::OkStatus();
}

TEST_F(InteractiveTest, CommitsInTheTenantsContext) {
  ASSERT_TRUE(Run(3, Access::kReadWrite, Insert).ok());
  EXPECT_EQ(Admin("SELECT tenant_id FROM app.notes"), TenantText(3));
  EXPECT_TRUE(Run(4, Access::kReadWrite, [](pqxx::work& work) {
                EXPECT_EQ(work.query_value<int>("SELECT count(*) FROM app.notes"), 0);
                EXPECT_EQ(work.query_value<std::string>("SELECT current_user"), "authenticated");
                return absl::OkStatus();
              }).ok());
}

// The connection is cleaned while the caller reads the answer.
TEST_F(InteractiveTest, TheOutcomeIsToldBeforeTheSessionIsCleaned) {
  auto last_statement = [this] {
    return Admin(
        "SELECT query FROM pg_stat_activity WHERE usename = 'tenantry_app'"
        " AND datname = current_database()");
  };
  std::string at_the_end;
  runner_->Run(MakeIdentity(1), Access::kReadWrite, absl::InfiniteFuture(), Insert,
               [&](const absl::Status& status) {
                 EXPECT_TRUE(status.ok()) << status;
                 at_the_end = last_statement();
               });
  EXPECT_EQ(at_the_end, "COMMIT");
  EXPECT_NE(last_statement(), "COMMIT");
}

TEST_F(InteractiveTest, ADeadlineAnyDistanceAwayIsADeadline) {
  for (absl::Time deadline :
       {absl::InfiniteFuture(), absl::Now() + absl::Hours(2'562'047),
        absl::FromUnixSeconds(std::numeric_limits<std::int64_t>::max()), absl::InfinitePast()}) {
    absl::Status status;
    runner_->Run(
        MakeIdentity(1), Access::kReadOnly, deadline, [](pqxx::work&) { return absl::OkStatus(); },
        [&](const absl::Status& outcome) { status = outcome; });
    EXPECT_EQ(status.code(),
              deadline == absl::InfinitePast() ? StatusCode::kDeadlineExceeded : StatusCode::kOk)
        << deadline;
  }
}

TEST_F(InteractiveTest, AnErrorRollsBack) {
  const absl::Status status = Run(1, Access::kReadWrite, [](pqxx::work& work) {
    return Insert(work).ok() ? absl::AbortedError("no") : absl::OkStatus();
  });
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(InteractiveTest, AnExceptionRollsBackAndTellsNothing) {
  const absl::Status thrown = Run(1, Access::kReadWrite, [](pqxx::work& work) -> absl::Status {
    Insert(work).IgnoreError();
    throw std::runtime_error("secret");
  });
  EXPECT_EQ(thrown.code(), StatusCode::kInternal);
  EXPECT_EQ(thrown.message().find("secret"), absl::string_view::npos);
  const absl::Status duplicate = Run(1, Access::kReadWrite, [](pqxx::work& work) {
    Insert(work).IgnoreError();
    return Insert(work);
  });
  EXPECT_EQ(duplicate.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(duplicate.message().find("notes_pkey"), absl::string_view::npos);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(InteractiveTest, AFailingCommitIsAnError) {
  const absl::Status status = Run(1, Access::kReadWrite, [](pqxx::work& work) {
    work.exec("INSERT INTO app.notes (id, parent) VALUES (1, 99)").no_rows();
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(InteractiveTest, ReadOnlyCannotWrite) {
  EXPECT_EQ(Run(1, Access::kReadOnly, Insert).code(), StatusCode::kInternal);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(InteractiveTest, NothingOfASessionIsLeft) {
  ASSERT_TRUE(Run(1, Access::kReadWrite, [](pqxx::work& work) {
                work.exec(
                    "SELECT set_config('app.tenant_id', current_setting('app.tenant_id'), false),"
                    " set_config('search_path', 'evil', false)");
                return absl::OkStatus();
              }).ok());
  ASSERT_TRUE(Run(2, Access::kReadWrite, [](pqxx::work& work) {
                EXPECT_EQ(work.query_value<std::string>("SHOW search_path").find("evil"),
                          std::string::npos);
                EXPECT_EQ(work.query_value<std::string>("SELECT current_setting('app.tenant_id')"),
                          TenantText(2));
                EXPECT_EQ(work.query_value<std::string>("SHOW datestyle"), "ISO, YMD");
                return absl::OkStatus();
              }).ok());
}

TEST_F(InteractiveTest, TheDeadlineEndsTheStatement) {
  const absl::Status status = Run(
      1, Access::kReadOnly,
      [](pqxx::work& work) {
        work.exec("SELECT pg_sleep(10)");
        return absl::OkStatus();
      },
      absl::Milliseconds(200));
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(InteractiveTest, ADeadIdleConnectionIsReplaced) {
  ASSERT_TRUE(Run(1, Access::kReadWrite, Insert).ok());
  Admin(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
      " AND datname = current_database()");
  int times = 0;
  const absl::Status status = Run(2, Access::kReadWrite, [&](pqxx::work& work) {
    ++times;
    return Insert(work);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(times, 1);
}

TEST_F(InteractiveTest, ConnectionsAreBounded) {
  pg::ExecutorOptions options;
  options.interactive_connections_max = 1;
  options.queue_wait_max = absl::Milliseconds(200);
  Start(options);
  absl::Notification inside, leave;
  std::thread first([&] {
    EXPECT_TRUE(Run(1, Access::kReadOnly, [&](pqxx::work&) {
                  inside.Notify();
                  leave.WaitForNotification();
                  return absl::OkStatus();
                }).ok());
  });
  inside.WaitForNotification();
  const absl::Status status = Run(2, Access::kReadWrite, Insert);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  leave.Notify();
  first.join();
  EXPECT_TRUE(Run(2, Access::kReadWrite, Insert).ok());
}

TEST_F(InteractiveTest, ADatabaseThatIsDownIsUnavailable) {
  ASSERT_TRUE(Postgres().Stop().ok());
  EXPECT_EQ(Run(1, Access::kReadWrite, Insert).code(), StatusCode::kUnavailable);
  ASSERT_TRUE(Postgres().StartAgain().ok());
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_TRUE(Run(1, Access::kReadWrite, Insert).ok());
}

}  // namespace
}  // namespace tenantry::test
