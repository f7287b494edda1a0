// One tenant's calls are blocked, by a lock or by work without end: the calls of others go on.
#include <optional>
#include <pqxx/pqxx>

#include "absl/time/clock.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using pg::Access;
using Calls = std::vector<std::unique_ptr<Call>>;

// Far below queue_wait_max, at whose end a call that found no place is refused; and far above what
// a busy machine makes of a call that takes a millisecond.
constexpr absl::Duration kPrompt = absl::Seconds(2);

class BlockedTest : public PgTest {
 protected:
  static constexpr int kOwner = 1, kOther = 2, kThird = 3;

  // Holds a row of each of the first `tenants` until it goes.
  class Lock {
   public:
    Lock(const Database& database, int tenants) : connection_(database.superuser_url()) {
      for (int tenant = 1; tenant <= tenants; ++tenant) {
        work_.exec("INSERT INTO app.notes (tenant_id, id) VALUES ('" + TenantText(tenant) +
                   "', 1)");
      }
      work_.commit();
      holder_.emplace(connection_);
      holder_->exec("SELECT FROM app.notes FOR UPDATE");
    }
    void Release() { holder_.reset(); }

   private:
    pqxx::connection connection_;
    pqxx::work work_{connection_};
    std::optional<pqxx::work> holder_;
  };

  // Reads of `kWait` wait until it goes.
  class Barrier {
   public:
    explicit Barrier(const Database& database)
        : connection_(database.superuser_url()), work_(std::in_place, connection_) {
      work_->exec("SELECT pg_advisory_xact_lock(1)");
    }
    void Release() { work_.reset(); }

   private:
    pqxx::connection connection_;
    std::optional<pqxx::work> work_;
  };
  static constexpr char kWait[] = "SELECT pg_advisory_xact_lock_shared($1::bigint)::text";

  static pg::ExecutorOptions TwoConnections() {
    pg::ExecutorOptions options;
    options.connections_per_lane = 2;
    options.write_connections_per_lane = 0;
    options.queue_wait_max = absl::Minutes(2);
    options.statement_timeout_max = absl::Minutes(2);
    return options;
  }

  double Moved() const { return Metric("tenantry_transaction_retries_total{reason=\"held_up\"}"); }

  Calls SubmitBlocked(pg::Executor& executor, int tenant, int count) {
    Calls calls;
    for (int i = 0; i < count; ++i) {
      calls.push_back(Write(tenant, "UPDATE app.notes SET body = body || 'x' WHERE id = 1"));
      executor.Submit(calls.back().get());
    }
    return calls;
  }

  void ExpectPrompt(pg::Executor& executor, std::unique_ptr<Call> call, const char* what) {
    const absl::Time begin = absl::Now();
    call->deadline = begin + absl::Seconds(10);
    EXPECT_TRUE(Submit(executor, *call).Wait().ok()) << what << ": " << call->Wait();
    EXPECT_LT(absl::Now() - begin, kPrompt) << what;
  }

  void ExpectGoesOn(pg::Executor& executor, int tenant) {
    for (int i = 0; i < 10; ++i) {
      ExpectPrompt(executor, Read(tenant, "SELECT count(*)::text FROM app.notes"), "read");
      ExpectPrompt(
          executor,
          Write(tenant, "INSERT INTO app.notes (id) VALUES (100 + $1::int)", {std::to_string(i)}),
          "write");
    }
  }

  // All connections that a lane may have are open.
  void OpenAll(pg::Executor& executor) {
    Calls calls;
    for (int i = 0; i < 200; ++i) {
      calls.push_back(Write(10 + i, "SELECT pg_sleep(0.01)::text"));
      calls.push_back(Read(10 + i, "SELECT pg_sleep(0.01)::text"));
    }
    for (auto& call : calls) executor.Submit(call.get());
    for (auto& call : calls) ASSERT_TRUE(call->Wait().ok()) << call->Wait();
  }

  // Blocked ones did happen in the end, or were told that they did not.
  void ExpectAccountedFor(Calls& calls) {
    int updated = 0;
    for (auto& call : calls) {
      if (call->Wait().ok()) {
        ++updated;
      } else {
        EXPECT_EQ(call->reason(), "QUEUE_WAIT_EXCEEDED") << call->Wait();
      }
    }
    EXPECT_EQ(Admin("SELECT length(body) FROM app.notes WHERE id = 1 AND tenant_id = '" +
                    TenantText(kOwner) + "'"),
              std::to_string(updated));
  }
};

TEST_F(BlockedTest, OthersGoOnBesideWritesThatWaitForALock) {
  auto executor = MakeExecutor();
  OpenAll(*executor);
  Lock lock(*database_, 1);
  Calls blocked = SubmitBlocked(*executor, kOwner, 40);
  ExpectGoesOn(*executor, kOther);
  absl::SleepFor(absl::Milliseconds(100));
  ExpectGoesOn(*executor, kThird);
  for (auto& call : blocked) EXPECT_FALSE(call->done());
  lock.Release();
  ExpectAccountedFor(blocked);
}

TEST_F(BlockedTest, AlsoWhenConnectionsAreStillToBeOpened) {
  auto executor = MakeExecutor();
  Lock lock(*database_, 1);
  Calls blocked = SubmitBlocked(*executor, kOwner, 40);
  ExpectGoesOn(*executor, kOther);
  lock.Release();
  ExpectAccountedFor(blocked);
}

TEST_F(BlockedTest, SeveralBlockedTenantsLeaveAPlaceForTheNext) {
  auto executor = MakeExecutor();
  OpenAll(*executor);
  Lock lock(*database_, 2);
  Calls blocked = SubmitBlocked(*executor, kOwner, 40);
  Calls more = SubmitBlocked(*executor, kOther, 40);
  absl::SleepFor(absl::Milliseconds(100));
  ExpectGoesOn(*executor, kThird);
  lock.Release();
  for (auto& call : more) call->Wait();
  ExpectAccountedFor(blocked);
}

TEST_F(BlockedTest, AlsoWhereReadsAndWritesShareConnections) {
  pg::ExecutorOptions options;
  options.write_connections_per_lane = 0;
  auto executor = MakeExecutor(options);
  OpenAll(*executor);
  Lock lock(*database_, 1);
  Calls blocked = SubmitBlocked(*executor, kOwner, 40);
  ExpectGoesOn(*executor, kOther);
  lock.Release();
  ExpectAccountedFor(blocked);
}

// The tenant's own calls are not refused for its share: they wait their turn.
TEST_F(BlockedTest, WhatWasHeldBackGoesWhenTheLockIsGone) {
  auto executor = MakeExecutor();
  OpenAll(*executor);
  Lock lock(*database_, 1);
  Calls blocked = SubmitBlocked(*executor, kOwner, 60);
  absl::SleepFor(absl::Milliseconds(200));
  lock.Release();
  for (auto& call : blocked) EXPECT_TRUE(call->Wait().ok()) << call->Wait();
  EXPECT_EQ(Admin("SELECT length(body) FROM app.notes"), "60");
}

TEST_F(BlockedTest, OthersGoOnBesideReadsWithoutEnd) {
  auto executor = MakeExecutor();
  OpenAll(*executor);
  Calls slow;
  for (int i = 0; i < 150; ++i) {
    // Some are by one statement, some each by their own.
    const std::string comment = i % 2 == 0 ? "" : "/*" + std::to_string(i) + "*/";
    slow.push_back(Read(kOwner, "SELECT pg_sleep(1)::text" + comment));
    slow.back()->deadline = absl::Now() + absl::Seconds(6);
    executor->Submit(slow.back().get());
  }
  ExpectGoesOn(*executor, kOther);
  absl::SleepFor(absl::Milliseconds(100));
  ExpectGoesOn(*executor, kThird);
  for (auto& call : slow) call->Wait();
}

// It is sent, and then the one before it turns out to be slow.
TEST_F(BlockedTest, AReadMovesOnFromBehindABlockedOne) {
  auto executor = MakeExecutor(TwoConnections());
  ExpectPrompt(*executor, Read(kOther, "SELECT 1::text"), "the first");
  Lock lock(*database_, 1);
  Calls blocked = SubmitBlocked(*executor, kOwner, 1);
  Calls behind;
  for (int i = 0; i < 5; ++i) {
    behind.push_back(Read(kOther, "SELECT $1::text", {std::to_string(i)}));
    executor->Submit(behind.back().get());
  }
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(behind[i]->Wait().ok()) << behind[i]->Wait();
    EXPECT_EQ(behind[i]->Value(), std::to_string(i));
  }
  EXPECT_LT(absl::Now() - begin, kPrompt);
  EXPECT_FALSE(blocked[0]->done());
  EXPECT_GT(Moved(), 0);
  lock.Release();
  ExpectAccountedFor(blocked);
  // What the database still answers to nobody harms nobody.
  for (int i = 0; i < 50; ++i) ExpectPrompt(*executor, Read(kOther, "SELECT 1::text"), "after it");
}

// A tenant's report does not hold up what else the tenant reads. The second connection is opened
// when the quick reads are behind the slow one already.
TEST_F(BlockedTest, QuickReadsGoAroundASlowOneOfTheSameTenant) {
  auto executor = MakeExecutor(TwoConnections());
  Barrier barrier(*database_);
  auto slow = Read(kOwner, kWait, {"1"});
  executor->Submit(slow.get());
  for (int round = 0; round < 2; ++round) {
    Calls quick;
    for (int i = 0; i < 200; ++i) {
      quick.push_back(Read(kOwner, "SELECT $1::text", {std::to_string(i)}));
      executor->Submit(quick.back().get());
    }
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(quick[i]->Wait().ok()) << quick[i]->Wait();
      EXPECT_EQ(quick[i]->Value(), std::to_string(i));
    }
  }
  EXPECT_FALSE(slow->done());
  barrier.Release();
  EXPECT_TRUE(slow->Wait().ok()) << slow->Wait();
}

TEST_F(BlockedTest, ReadsByTheStatementThatIsBlockedWaitForEachOther) {
  auto executor = MakeExecutor(TwoConnections());
  ExpectPrompt(*executor, Read(kOwner, "SELECT 1::text"), "the first");
  Barrier barrier(*database_);
  Calls slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(Read(kOwner, kWait, {"1"}));
    executor->Submit(slow.back().get());
  }
  absl::SleepFor(absl::Seconds(1));  // both connections count as blocked long before
  EXPECT_EQ(Moved(), 0);
  barrier.Release();
  for (auto& call : slow) EXPECT_TRUE(call->Wait().ok()) << call->Wait();
}

// Blocked calls that end teach the lane nothing: it is not more patient afterwards.
TEST_F(BlockedTest, PatienceIsNotLearntFromBlockedCalls) {
  auto executor = MakeExecutor();
  OpenAll(*executor);
  {
    Lock lock(*database_, 1);
    Calls blocked = SubmitBlocked(*executor, kOwner, 40);
    absl::SleepFor(absl::Seconds(3));
    lock.Release();
    for (auto& call : blocked) EXPECT_TRUE(call->Wait().ok()) << call->Wait();
  }
  Calls slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(Read(kOwner, "SELECT pg_sleep(10)::text"));
    slow.back()->deadline = absl::Now() + absl::Seconds(5);
    executor->Submit(slow.back().get());
  }
  ExpectGoesOn(*executor, kOther);
  for (auto& call : slow) call->Wait();
}

}  // namespace
}  // namespace tenantry::test
