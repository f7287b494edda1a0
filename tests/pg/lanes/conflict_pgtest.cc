// Serialization failures and deadlocks: the transaction runs again, a few times, before its caller
// hears of it.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/pg/interactive.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::Access;

// app.fails(n) fails the first n times that it is called: what a sequence counts is not rolled
// back.
constexpr char kFails[] = R"(
  CREATE SEQUENCE app.tries;
  GRANT USAGE ON SEQUENCE app.tries TO authenticated;
  CREATE FUNCTION app.fails(times text, state text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      IF nextval('app.tries') <= times::bigint THEN
        RAISE EXCEPTION 'got in the way' USING ERRCODE = state;
      END IF;
      RETURN 'went well';
    END $$;
)";
constexpr char kRetries[] = "tenantry_transaction_retries_total{reason=\"conflict\"}";

class ConflictTest : public PgTest {
 protected:
  ConflictTest() { database_->Execute(kFails); }

  std::unique_ptr<pg::Executor> Trying(int retries_max, int connections = 4) {
    pg::ExecutorOptions options;
    options.conflict_retries_max = retries_max;
    options.connections_per_lane = connections;
    return MakeExecutor(options);
  }
  static Call Failing(int times, const std::string& state, Access access = Access::kReadWrite) {
    return Call(MakeIdentity(1), access,
                {MakeStatement("INSERT INTO app.notes (id) VALUES (1)"),
                 MakeStatement("SELECT app.fails($1, $2)", {std::to_string(times), state})});
  }
  std::string Tries() { return Admin("SELECT last_value FROM app.tries"); }
  std::string NotesCount() { return Admin("SELECT count(*) FROM app.notes"); }
};

TEST_F(ConflictTest, ItRunsAgainAndNothingOfTheFailedTriesIsLeft) {
  auto executor = MakeExecutor();
  Call call = Failing(3, "40001");
  EXPECT_TRUE(Submit(*executor, call).Wait().ok()) << call.Wait();
  EXPECT_EQ(call.Value(0, 0, 1), "went well");
  EXPECT_EQ(Tries(), "4");
  EXPECT_EQ(NotesCount(), "1");
  EXPECT_EQ(Metric(kRetries), 3);
}

TEST_F(ConflictTest, TheCallerIsToldWhenItKeepsFailing) {
  auto executor = Trying(2);
  Call call = Failing(9, "40P01");
  EXPECT_EQ(Submit(*executor, call).Wait().code(), StatusCode::kAborted);
  EXPECT_EQ(call.reason(), "DEADLOCK");
  EXPECT_EQ(Tries(), "3");
  EXPECT_EQ(NotesCount(), "0");
}

TEST_F(ConflictTest, WithoutRetriesTheFirstFailureIsTheOutcome) {
  auto executor = Trying(0);
  Call call = Failing(1, "40001");
  EXPECT_EQ(Submit(*executor, call).Wait().code(), StatusCode::kAborted);
  EXPECT_EQ(call.reason(), "SERIALIZATION_FAILURE");
  EXPECT_EQ(Tries(), "1");
}

// A lock that is not to be had within its time may not be there the next time either.
TEST_F(ConflictTest, OtherFailuresAreNotTriedAgain) {
  auto executor = MakeExecutor();
  for (const char* state : {"55P03", "23505", "57014", "P0001"}) {
    database_->Execute("ALTER SEQUENCE app.tries RESTART");
    Call call = Failing(1, state);
    EXPECT_FALSE(Submit(*executor, call).Wait().ok());
    EXPECT_EQ(Tries(), "1") << state;
  }
  EXPECT_EQ(Metric(kRetries), 0);
}

TEST_F(ConflictTest, AReadThatSharesItsTransactionRunsAgainToo) {
  // A sequence cannot be used in a transaction that only reads; a clock can.
  database_->Execute(R"(
    CREATE FUNCTION app.fails_until(at text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        IF clock_timestamp() < to_timestamp(at::float8) THEN
          RAISE EXCEPTION 'got in the way' USING ERRCODE = '40001';
        END IF;
        RETURN 'went well';
      END $$)");
  const std::string soon = Admin("SELECT (extract(epoch FROM clock_timestamp()) + 0.2)::text");
  const pg::Statement fails = MakeStatement("SELECT app.fails_until($1)", {soon});
  Call one(MakeIdentity(1), Access::kReadOnly, {fails});
  Call other(MakeIdentity(1), Access::kReadOnly, {MakeStatement("SELECT 'fine'")});
  one.may_share = other.may_share = true;
  auto executor = Trying(100, 1);
  executor->Submit(&other);
  executor->Submit(&one);
  EXPECT_TRUE(one.Wait().ok()) << one.Wait();
  EXPECT_TRUE(other.Wait().ok());
  EXPECT_EQ(other.Value(), "fine");
  EXPECT_GT(Metric(kRetries), 0);
}

// It waits for its next try no longer than its caller does.
TEST_F(ConflictTest, TheDeadlineEndsTheTries) {
  auto executor = Trying(100);
  Call call = Failing(1'000'000, "40001");
  call.deadline = absl::Now() + absl::Milliseconds(500);
  const absl::Status status = Submit(*executor, call).Wait();
  EXPECT_TRUE(status.code() == StatusCode::kAborted ||
              status.code() == StatusCode::kDeadlineExceeded)
      << status;
  EXPECT_EQ(NotesCount(), "0");
}

TEST_F(ConflictTest, AServerThatShutsDownEndsWhatRests) {
  auto executor = Trying(100);
  Call call = Failing(1'000'000, "40001");
  executor->Submit(&call);
  while (Metric(kRetries) < 1) absl::SleepFor(absl::Milliseconds(1));
  executor->Shutdown(absl::Milliseconds(50));
  EXPECT_FALSE(call.Wait().ok());
}

// Two that lock the same rows in opposite order, each after it has the first: the database ends
// one of them after deadlock_timeout, a second.
TEST_F(ConflictTest, BothSidesOfADeadlockSucceed) {
  auto executor = MakeExecutor();
  Admin("INSERT INTO app.notes (tenant_id, id) SELECT '" + TenantText(1) +
        "', n FROM generate_series(1, 2) n");
  const auto locking = [](const std::string& first, const std::string& second) {
    const std::string append = "UPDATE app.notes SET body = body || 'x' WHERE id = $1::bigint";
    return Call(
        MakeIdentity(1), Access::kReadWrite,
        {MakeStatement("SET LOCAL deadlock_timeout = '100ms'"), MakeStatement(append, {first}),
         MakeStatement("SELECT pg_sleep(0.3)::text"), MakeStatement(append, {second})});
  };
  Admin("GRANT SET ON PARAMETER deadlock_timeout TO authenticated");
  Call forth = locking("1", "2"), back = locking("2", "1");
  executor->Submit(&forth);
  executor->Submit(&back);
  EXPECT_TRUE(forth.Wait().ok()) << forth.Wait();
  EXPECT_TRUE(back.Wait().ok()) << back.Wait();
  EXPECT_EQ(Admin("SELECT string_agg(body, ',') FROM app.notes"), "xx,xx");
  EXPECT_GE(Metric(kRetries), 1);
}

TEST_F(ConflictTest, ATransactionHasTheIsolationThatItAsksFor) {
  auto executor = MakeExecutor();
  const std::pair<pg::Isolation, const char*> levels[] = {
      {pg::Isolation::kSerializable, "serializable"},
      {pg::Isolation::kRepeatableRead, "repeatable read"},
      {pg::Isolation::kReadCommitted, "read committed"}};
  for (const auto& [level, name] : levels) {
    for (Access access : {Access::kReadOnly, Access::kReadWrite}) {
      Call call(MakeIdentity(1), access,
                {MakeStatement("SELECT current_setting('transaction_isolation')"),
                 MakeStatement("SELECT tenantry.tenant_id()::text")});
      call.isolation = level;
      EXPECT_TRUE(Submit(*executor, call).Wait().ok()) << call.Wait();
      EXPECT_EQ(call.Value(), name);
      EXPECT_EQ(call.Value(0, 0, 1), TenantText(1));
    }
  }
}

// Write skew: each counts two that are on, and turns its own off. Serializable, one of them runs
// again, and then counts one.
TEST_F(ConflictTest, SerializableTransactionsAreAsIfOneAfterTheOther) {
  auto executor = MakeExecutor();
  const auto counted = [&](pg::Isolation level) {
    Admin("DELETE FROM app.notes");
    Admin("INSERT INTO app.notes (tenant_id, id, body) SELECT '" + TenantText(1) +
          "', n, 'on' FROM generate_series(1, 2) n");
    std::vector<std::unique_ptr<Call>> calls;
    for (const char* id : {"1", "2"}) {
      calls.push_back(std::make_unique<Call>(
          MakeIdentity(1), Access::kReadWrite,
          std::vector<pg::Statement>{
              MakeStatement("SELECT count(*)::text FROM app.notes WHERE body = 'on'"),
              MakeStatement("SELECT pg_sleep(0.3)::text"),
              MakeStatement("UPDATE app.notes SET body = 'off' WHERE id = $1::bigint", {id})}));
      calls.back()->isolation = level;
      executor->Submit(calls.back().get());
    }
    std::string all;
    for (const auto& call : calls) {
      EXPECT_TRUE(call->Wait().ok()) << call->Wait();
      all += call->Value();
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(counted(pg::Isolation::kReadCommitted), "22");
  EXPECT_EQ(counted(pg::Isolation::kSerializable), "12");
}

TEST_F(ConflictTest, AnInteractiveTransactionRunsAgainFromItsBeginning) {
  auto executor = MakeExecutor();
  auto runner = pg::MakeInteractiveRunner(*executor);
  const identity::Identity identity = MakeIdentity(1);
  const auto run = [&](const std::string& times) {
    int begun = 0;
    absl::Status outcome;
    runner->Write(
        {.identity = identity, .deadline = absl::Now() + absl::Seconds(20)},
        [&](pg::WriteTransaction& transaction) {
          ++begun;
          const auto inserted = transaction.Execute("INSERT INTO app.notes (id) VALUES (1)");
          if (!inserted.ok()) return inserted.status();
          return transaction.QueryRow<std::string>("SELECT app.fails($1, '40001')", times).status();
        },
        [&](const absl::Status& status) { outcome = status; });
    return std::make_pair(begun, outcome);
  };
  const auto [begun, outcome] = run("2");
  EXPECT_EQ(begun, 3);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(NotesCount(), "1");
  EXPECT_EQ(Metric(kRetries), 2);

  Admin("DELETE FROM app.notes");
  const auto [tries, refused] = run("1000");
  EXPECT_EQ(tries, 4);
  EXPECT_EQ(refused.code(), StatusCode::kAborted);
  EXPECT_EQ(NotesCount(), "0");
}

}  // namespace
}  // namespace tenantry::test
