// Interactive transactions: the same context, commit and rollback, and nothing left behind.
#include <libpq-fe.h>  // LIBPQ_HAS_ASYNC_CANCEL

#include <atomic>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "absl/time/clock.h"
#include "gmock/gmock.h"

#include "server/pg/interactive.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::ReadTransaction;
using pg::WriteTransaction;
using ::testing::HasSubstr;
using ::testing::Not;

class InteractiveTest : public PgTest {
 protected:
  InteractiveTest() { Start({}); }
  void Start(pg::ExecutorOptions options) {
    runner_.reset();
    executor_ = MakeExecutor(options);
    runner_ = pg::MakeInteractiveRunner(*executor_);
  }
  absl::Status Read(int tenant, const std::function<absl::Status(ReadTransaction&)>& body,
                    absl::Duration time = absl::Seconds(5)) {
    absl::Status status;
    const identity::Identity identity = MakeIdentity(tenant);
    runner_->Read({.identity = identity, .deadline = absl::Now() + time}, body,
                  [&](const absl::Status& outcome) { status = outcome; });
    return status;
  }
  absl::Status Write(int tenant, const std::function<absl::Status(WriteTransaction&)>& body,
                     const std::function<bool()>& cancelled = nullptr) {
    absl::Status status;
    const identity::Identity identity = MakeIdentity(tenant);
    runner_->Write(
        {.identity = identity, .deadline = absl::Now() + absl::Seconds(20), .cancelled = cancelled},
        body, [&](const absl::Status& outcome) { status = outcome; });
    return status;
  }
  std::string Rows() { return Admin("SELECT count(*) FROM app.notes"); }

  std::unique_ptr<pg::Executor> executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
};

absl::Status Insert(WriteTransaction& transaction) {
  return transaction.Execute("INSERT INTO app.notes (id) VALUES (1)").status();
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  for (const auto& [name, value] : DetailsOf(status).metadata) {
    if (name == key) return value;
  }
  return "";
}

// Nobody but the runner makes a transaction, and it cannot be kept.
static_assert(!std::is_constructible_v<ReadTransaction, pg::Interaction&>);
static_assert(!std::is_constructible_v<WriteTransaction, pg::Interaction&>);
static_assert(!std::is_default_constructible_v<WriteTransaction>);
static_assert(!std::is_copy_constructible_v<WriteTransaction> &&
              !std::is_move_constructible_v<WriteTransaction>);
static_assert(!std::is_copy_constructible_v<ReadTransaction> &&
              !std::is_move_constructible_v<ReadTransaction>);
// Text that is made at run time is no statement.
static_assert(!std::is_convertible_v<std::string, SqlLiteral>);
static_assert(!std::is_convertible_v<std::string_view, SqlLiteral>);

TEST_F(InteractiveTest, CommitsInTheTenantsContext) {
  ASSERT_TRUE(Write(3, Insert).ok());
  EXPECT_EQ(Admin("SELECT tenant_id FROM app.notes"), TenantText(3));
  EXPECT_TRUE(Read(4, [](ReadTransaction& transaction) {
                auto seen = transaction.QueryRow<std::int64_t, std::string>(
                    "SELECT (SELECT count(*) FROM app.notes), current_user");
                EXPECT_TRUE(seen.ok()) << seen.status();
                EXPECT_EQ(**seen, std::make_tuple(0, std::string("authenticated")));
                EXPECT_EQ(transaction.identity().tenant_text(), TenantText(4));
                return absl::OkStatus();
              }).ok());
}

TEST_F(InteractiveTest, SeesWhatItWrote) {
  EXPECT_TRUE(
      Write(1, [](WriteTransaction& transaction) {
        for (std::int64_t id : {1, 2, 3}) {
          auto written = transaction.Execute("INSERT INTO app.notes (id, body) VALUES ($1, $2)", id,
                                             "note " + std::to_string(id));
          EXPECT_EQ(*written, 1);
        }
        auto rows = transaction.Query<std::int64_t, std::optional<std::string>>(
            "SELECT id, nullif(body, 'note 2') FROM app.notes WHERE id >= $1 ORDER BY id", 2);
        EXPECT_TRUE(rows.ok()) << rows.status();
        EXPECT_EQ(*rows, (std::vector<std::tuple<std::int64_t, std::optional<std::string>>>{
                             {2, std::nullopt}, {3, "note 3"}}));
        EXPECT_EQ(*transaction.Execute("UPDATE app.notes SET body = ''"), 3);
        return absl::OkStatus();
      }).ok());
  EXPECT_EQ(Rows(), "3");
}

// The connection is cleaned while the caller reads the answer.
TEST_F(InteractiveTest, TheOutcomeIsToldBeforeTheSessionIsCleaned) {
  auto last_statement = [this] {
    return Admin(
        "SELECT query FROM pg_stat_activity WHERE usename = 'tenantry_app'"
        " AND datname = current_database()");
  };
  std::string at_the_end;
  const identity::Identity identity = MakeIdentity(1);
  runner_->Write({.identity = identity, .deadline = absl::InfiniteFuture()}, Insert,
                 [&](const absl::Status& status) {
                   EXPECT_TRUE(status.ok()) << status;
                   at_the_end = last_statement();
                 });
  EXPECT_EQ(at_the_end, "COMMIT");
  EXPECT_NE(last_statement(), "COMMIT");
}

TEST_F(InteractiveTest, ADeadlineAnyDistanceAwayIsADeadline) {
  const identity::Identity identity = MakeIdentity(1);
  for (absl::Time deadline :
       {absl::InfiniteFuture(), absl::Now() + absl::Hours(2'562'047),
        absl::FromUnixSeconds(std::numeric_limits<std::int64_t>::max()), absl::InfinitePast()}) {
    absl::Status status;
    runner_->Read(
        {.identity = identity, .deadline = deadline},
        [](ReadTransaction&) { return absl::OkStatus(); },
        [&](const absl::Status& outcome) { status = outcome; });
    EXPECT_EQ(status.code(),
              deadline == absl::InfinitePast() ? StatusCode::kDeadlineExceeded : StatusCode::kOk)
        << deadline;
  }
}

TEST_F(InteractiveTest, AnErrorRollsBack) {
  const absl::Status status = Write(1, [](WriteTransaction& transaction) {
    return Insert(transaction).ok() ? absl::AbortedError("no") : absl::OkStatus();
  });
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(Rows(), "0");
  EXPECT_TRUE(Write(1, Insert).ok()) << "on the same connection";
}

TEST_F(InteractiveTest, AnExceptionRollsBackAndTellsNothing) {
  const absl::Status thrown = Write(1, [](WriteTransaction& transaction) -> absl::Status {
    Insert(transaction).IgnoreError();
    throw std::runtime_error("secret");
  });
  EXPECT_EQ(thrown.code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(thrown.message()), Not(HasSubstr("secret")));
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, WhatIsThrownNeedNotBeAnException) {
  const absl::Status thrown = Write(1, [](WriteTransaction& transaction) -> absl::Status {
    Insert(transaction).IgnoreError();
    throw 42;  // NOLINT: somebody may
  });
  EXPECT_EQ(thrown.code(), StatusCode::kInternal);
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, AFailedStatementNamesTableAndConstraintAndNoWordOfTheDatabase) {
  const absl::Status duplicate = Write(1, [](WriteTransaction& transaction) {
    Insert(transaction).IgnoreError();
    return Insert(transaction);
  });
  EXPECT_EQ(duplicate.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(duplicate), "ALREADY_EXISTS");
  EXPECT_EQ(MetadataOf(duplicate, "table"), "notes");
  EXPECT_EQ(MetadataOf(duplicate, "constraint"), "notes_pkey");
  EXPECT_THAT(std::string(duplicate.message()), Not(HasSubstr("notes_pkey")));
  EXPECT_THAT(duplicate.ToString(), Not(HasSubstr(TenantText(1)))) << "it is in the detail";
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, NothingIsCommittedAfterAFailedStatement) {
  int later = 0;
  const absl::Status status = Write(1, [&](WriteTransaction& transaction) {
    Insert(transaction).IgnoreError();
    Insert(transaction).IgnoreError();
    auto after = transaction.Execute("INSERT INTO app.notes (id) VALUES (2)");
    EXPECT_EQ(after.status().code(), StatusCode::kAlreadyExists) << "of the first that failed";
    later = after.ok() ? 1 : 0;
    return absl::OkStatus();  // as if nothing had happened
  });
  EXPECT_EQ(status.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(later, 0);
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, AFailingCommitIsAnError) {
  const absl::Status status = Write(1, [](WriteTransaction& transaction) {
    return transaction.Execute("INSERT INTO app.notes (id, parent) VALUES (1, 99)").status();
  });
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, ReadOnlyCannotWrite) {
  EXPECT_EQ(Read(1,
                 [](ReadTransaction& transaction) {
                   return transaction
                       .Query<std::int64_t>("INSERT INTO app.notes (id) VALUES (1) RETURNING id")
                       .status();
                 })
                .code(),
            StatusCode::kInternal);
  EXPECT_EQ(Rows(), "0");
}

TEST_F(InteractiveTest, AStatementThatEndsTheTransactionIsAMistake) {
  const absl::Status status = Write(1, [](WriteTransaction& transaction) {
    EXPECT_FALSE(transaction.Execute("ROLLBACK").ok());
    // What follows would run without the tenant's context.
    EXPECT_FALSE(transaction.Query<std::string>("SELECT current_user::text").ok());
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_TRUE(Write(1, Insert).ok());
}

// Without the context the login role has no right to any row.
TEST_F(InteractiveTest, NoRowIsReachableWithoutTheContext) {
  ASSERT_TRUE(Write(1, Insert).ok());
  const absl::Status status = Read(1, [](ReadTransaction& transaction) {
    auto reset = transaction.Query<std::string>(
        "SELECT set_config('role', 'none', true) || set_config('app.tenant_id', '', true)");
    EXPECT_TRUE(reset.ok()) << reset.status();
    return transaction.Query<std::int64_t>("SELECT id FROM app.notes").status();
  });
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
}

TEST_F(InteractiveTest, ValuesKeepTheirTypes) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  EXPECT_TRUE(
      Read(7, [&](ReadTransaction& transaction) {
        auto row =
            transaction.QueryRow<bool, std::int32_t, std::int64_t, double, std::string, absl::Time,
                                 std::string, std::optional<std::string>, std::string>(
                "SELECT $1::bool, $2::int, $3::bigint, $4::float8, $5::text, $6::timestamptz,"
                " $7::uuid, $8::text, $9::bytea",
                true, -7, std::numeric_limits<std::int64_t>::min(), 0.1, "it's; --", time,
                transaction.identity().tenant(), std::nullopt, pg::Bytes{{"\0\xff", 2}});
        EXPECT_TRUE(row.ok()) << row.status();
        EXPECT_EQ(**row, std::make_tuple(true, -7, std::numeric_limits<std::int64_t>::min(), 0.1,
                                         std::string("it's; --"), time, TenantText(7),
                                         std::optional<std::string>(), std::string("\0\xff", 2)));
        return row.status();
      }).ok());
}

TEST_F(InteractiveTest, ColumnsThatAreNotWhatTheCodeReadsAreAMistake) {
  EXPECT_TRUE(
      Read(1, [](ReadTransaction& transaction) {
        auto code = [](const auto& rows) { return rows.status().code(); };
        EXPECT_EQ(code(transaction.Query<std::string>("SELECT 1")), StatusCode::kInternal);
        EXPECT_EQ(code(transaction.Query<std::int64_t>("SELECT 1.5")), StatusCode::kInternal);
        EXPECT_EQ(code(transaction.Query<std::string>("SELECT NULL::text")), StatusCode::kInternal);
        EXPECT_EQ(code(transaction.Query<std::int32_t>("SELECT 3000000000")),
                  StatusCode::kInternal);
        EXPECT_EQ(code(transaction.Query<std::string>("SELECT 'a'::text, 'b'::text")),
                  StatusCode::kInternal);
        EXPECT_EQ(code(transaction.QueryRow<std::int32_t>("VALUES (1), (2)")),
                  StatusCode::kInternal);
        EXPECT_TRUE(transaction.Query<std::int32_t>("SELECT 1").ok());
        return absl::OkStatus();
      }).ok());
}

TEST_F(InteractiveTest, AZeroByteInATextIsTheCallersFault) {
  const absl::Status status = Read(1, [](ReadTransaction& transaction) {
    return transaction.Query<std::string>("SELECT $1::text", std::string("a\0b", 3)).status();
  });
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
}

TEST_F(InteractiveTest, NothingOfASessionIsLeft) {
  ASSERT_TRUE(Write(1, [](WriteTransaction& transaction) {
                return transaction
                    .Query<std::string>(
                        "SELECT set_config('app.tenant_id', current_setting('app.tenant_id'),"
                        " false) || set_config('search_path', 'evil', false)")
                    .status();
              }).ok());
  ASSERT_TRUE(Read(2, [](ReadTransaction& transaction) {
                auto row = transaction.QueryRow<std::string, std::string, std::string>(
                    "SELECT current_setting('search_path'), current_setting('app.tenant_id'),"
                    " current_setting('datestyle')");
                EXPECT_TRUE(row.ok()) << row.status();
                auto& [path, tenant, style] = **row;
                EXPECT_THAT(path, Not(HasSubstr("evil")));
                EXPECT_EQ(tenant, TenantText(2));
                EXPECT_EQ(style, "ISO, YMD");
                return absl::OkStatus();
              }).ok());
}

absl::Status Sleep(ReadTransaction& transaction) {
  return transaction.Query<std::string>("SELECT pg_sleep(10)::text").status();
}

TEST_F(InteractiveTest, TheDeadlineEndsTheStatement) {
  EXPECT_EQ(Read(1, Sleep, absl::Milliseconds(200)).code(), StatusCode::kDeadlineExceeded);
  // Also a later one, which has no more time than is left.
  const absl::Time began = absl::Now();
  EXPECT_EQ(Read(
                1,
                [](ReadTransaction& transaction) {
                  EXPECT_TRUE(transaction.Query<std::string>("SELECT pg_sleep(0.5)::text").ok());
                  return Sleep(transaction);
                },
                absl::Seconds(2))
                .code(),
            StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - began, absl::Seconds(8));
}

TEST_F(InteractiveTest, ACallerThatWaitsNoMoreGetsNothingDone) {
  bool ran = false;
  EXPECT_EQ(ReasonOf(Write(
                1,
                [&](WriteTransaction& transaction) {
                  ran = Insert(transaction).ok();
                  return absl::OkStatus();
                },
                [] { return true; })),
            "CANCELLED");
  EXPECT_FALSE(ran);
  // It goes away after the last statement, before the commit.
  std::atomic<bool> cancelled{false};
  EXPECT_EQ(Write(
                1,
                [&](WriteTransaction& transaction) {
                  EXPECT_TRUE(Insert(transaction).ok());
                  cancelled = true;
                  EXPECT_TRUE(transaction.cancelled());
                  return absl::OkStatus();
                },
                [&] { return cancelled.load(); })
                .code(),
            StatusCode::kCancelled);
  EXPECT_EQ(Rows(), "0");
  EXPECT_TRUE(Write(1, Insert).ok());
}

#ifdef LIBPQ_HAS_ASYNC_CANCEL
TEST_F(InteractiveTest, AStatementWhoseCallerWaitsNoMoreIsCancelled) {
  const absl::Time began = absl::Now();
  EXPECT_EQ(Write(
                1, [](WriteTransaction& transaction) { return Sleep(transaction); },
                [&] { return absl::Now() > began + absl::Milliseconds(200); })
                .code(),
            StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - began, absl::Seconds(8)) << "of the ten that the statement takes";
  EXPECT_TRUE(Write(1, Insert).ok());
}
#endif

TEST_F(InteractiveTest, ADeadIdleConnectionIsReplaced) {
  ASSERT_TRUE(Write(1, Insert).ok());
  Admin(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
      " AND datname = current_database()");
  int times = 0;
  const absl::Status status = Write(2, [&](WriteTransaction& transaction) {
    ++times;
    return Insert(transaction);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(times, 1);
}

TEST_F(InteractiveTest, AConnectionThatEndsUnderAStatementIsUnavailable) {
  const absl::Status status = Write(1, [this](WriteTransaction& transaction) {
    EXPECT_TRUE(Insert(transaction).ok());
    Admin(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename ="
        " 'tenantry_app' AND datname = current_database()");
    return transaction.Execute("INSERT INTO app.notes (id) VALUES (2)").status();
  });
  EXPECT_EQ(ReasonOf(status), "DATABASE_UNAVAILABLE") << status;
  EXPECT_EQ(Rows(), "0");
  EXPECT_TRUE(Write(1, Insert).ok());
}

TEST_F(InteractiveTest, ConnectionsAreBounded) {
  pg::ExecutorOptions options;
  options.interactive_connections_max = 1;
  options.queue_wait_max = absl::Milliseconds(200);
  Start(options);
  absl::Notification inside, leave;
  std::thread first([&] {
    EXPECT_TRUE(Read(1, [&](ReadTransaction&) {
                  inside.Notify();
                  leave.WaitForNotification();
                  return absl::OkStatus();
                }).ok());
  });
  inside.WaitForNotification();
  const absl::Status status = Write(2, Insert);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  leave.Notify();
  first.join();
  EXPECT_TRUE(Write(2, Insert).ok());
}

TEST_F(InteractiveTest, ADatabaseThatIsDownIsUnavailable) {
  ASSERT_TRUE(Postgres().Stop().ok());
  EXPECT_EQ(Write(1, Insert).code(), StatusCode::kUnavailable);
  ASSERT_TRUE(Postgres().StartAgain().ok());
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_TRUE(Write(1, Insert).ok());
}

}  // namespace
}  // namespace tenantry::test
