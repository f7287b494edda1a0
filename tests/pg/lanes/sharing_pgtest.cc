// Brief reads of one caller share a transaction of the database; those of different callers never
// do, and what goes wrong with one is nobody else's.
#include <map>
#include <random>

#include "absl/time/clock.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/lanes/gate.h"

namespace tenantry::test {
namespace {

using absl::StatusCode;
using pg::Access;
using Calls = std::vector<std::unique_ptr<Call>>;

// Tells transactions apart, and whose they are.
constexpr char kWhich[] =
    "SELECT (SELECT virtualxid FROM pg_locks WHERE locktype = 'virtualxid'"
    " AND pid = pg_backend_pid() AND granted), concat_ws('/', current_setting('app.tenant_id'),"
    " current_user, current_setting('app.user_id'), current_setting('request.jwt.claims')),"
    " current_setting('statement_timeout')";

class SharingTest : public PgTest {
 protected:
  // The connection opens, and what was submitted goes, only at Go.
  std::unique_ptr<pg::Executor> MakeHeld(pg::ExecutorOptions options = {}) {
    options.connections_per_lane = 1;
    options.write_connections_per_lane = 0;
    return MakeExecutor(std::move(options),
                        {.on_state = nullptr, .verify = [this](pqxx::connection&) {
                           go_.WaitForNotification();
                           return absl::OkStatus();
                         }});
  }
  void Go() { go_.Notify(); }

  Call& Add(const identity::Identity& identity, const std::string& sql,
            const std::vector<std::string>& params = {}, Access access = Access::kReadOnly) {
    calls_.push_back(std::make_unique<Call>(
        identity, access, std::vector<pg::Statement>{MakeStatement(sql, params)}));
    calls_.back()->may_share = true;
    calls_.back()->deadline = absl::Now() + absl::Seconds(20);
    return *calls_.back();
  }
  void AddMany(int count, const identity::Identity& identity, const std::string& sql) {
    for (int i = 0; i < count; ++i) Add(identity, sql);
  }
  void SubmitAll(pg::Executor& executor) {
    for (auto& call : calls_) executor.Submit(call.get());
  }
  // How many of them ran in each transaction, in the order of the transactions.
  std::vector<int> Transactions() {
    std::vector<std::string> order;
    std::map<std::string, int> counts;
    for (auto& call : calls_) {
      EXPECT_TRUE(call->Wait().ok()) << call->Wait();
      const std::string id = call->Value(0, 0);
      if (counts[id]++ == 0) order.push_back(id);
    }
    std::vector<int> result;
    for (const std::string& id : order) result.push_back(counts[id]);
    return result;
  }
  double shared() const { return Metric("tenantry_transactions_shared_total"); }
  double aborted() const {
    return Metric("tenantry_transaction_retries_total{reason=\"group_aborted\"}");
  }

  Calls calls_;
  absl::Notification go_;
};

using Counts = std::vector<int>;

TEST_F(SharingTest, OneCallersReadsShare) {
  auto executor = MakeHeld();
  AddMany(10, MakeIdentity(1), kWhich);
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), Counts{10});
  EXPECT_EQ(shared(), 9);
  EXPECT_EQ(Metric("tenantry_transactions_total{outcome=\"committed\"}"), 10);
}

TEST_F(SharingTest, DifferentCallersNeverDo) {
  auto executor = MakeHeld();
  const std::pair<identity::Identity, std::string> callers[] = {
      {MakeIdentity(1), TenantText(1) + "/authenticated//"},
      {MakeIdentity(2), TenantText(2) + "/authenticated//"},
      {MakeIdentity(1, "ann"), TenantText(1) + "/authenticated/ann/"},
      {MakeIdentity(1, "", "support"), TenantText(1) + "/support//"},
      {MakeIdentity(1, "", "authenticated", "{}"), TenantText(1) + "/authenticated//{}"}};
  for (int i = 0; i < 3; ++i) {
    for (const auto& [identity, name] : callers) Add(identity, kWhich);
  }
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{3, 3, 3, 3, 3}));
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    EXPECT_EQ(calls_[i]->Value(0, 1), callers[i % 5].second);
  }
}

TEST_F(SharingTest, NoMoreThanTheMaximum) {
  auto executor = MakeHeld({.depth_max = 16, .reads_per_transaction_max = 4});
  AddMany(10, MakeIdentity(1), kWhich);
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{4, 4, 2}));
}

// What a connection has room for is counted in transactions: the more wait, the more of them share.
TEST_F(SharingTest, AsManyWhenConnectionsAreBusy) {
  auto executor = MakeHeld({.depth_max = 1, .reads_per_transaction_max = 4});
  AddMany(10, MakeIdentity(1), kWhich);
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{4, 4, 2}));
}

TEST_F(SharingTest, NoneWithAMaximumOfOne) {
  auto executor = MakeHeld({.reads_per_transaction_max = 1});
  AddMany(4, MakeIdentity(1), kWhich);
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{1, 1, 1, 1}));
}

TEST_F(SharingTest, OnlyThoseThatMay) {
  auto executor = MakeHeld({.write_depth_max = 8});
  for (int i = 0; i < 2; ++i) {
    Add(MakeIdentity(1), kWhich);
    Add(MakeIdentity(1), kWhich).may_share = false;
    Add(MakeIdentity(1), kWhich, {}, Access::kReadWrite);
  }
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{2, 1, 1, 1, 1}));
}

// A caller in a hurry does not get the time of a patient one.
TEST_F(SharingTest, OnlyWithSimilarTimeLeft) {
  auto executor = MakeHeld({.statement_timeout_max = absl::Seconds(30)});
  for (int seconds : {10, 15, 25, 60, 3600}) {
    Add(MakeIdentity(1), kWhich).deadline = absl::Now() + absl::Seconds(seconds);
  }
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(Transactions(), (Counts{2, 3}));
  // The most patient one's, so that nobody's statement is ended early.
  EXPECT_EQ(calls_[0]->Value(0, 2), calls_[1]->Value(0, 2));
  EXPECT_EQ(calls_[2]->Value(0, 2), "30s");
}

TEST_F(SharingTest, OneThatFailsHarmsNoOther) {
  auto executor = MakeHeld();
  for (int i = 0; i < 8; ++i) {
    Add(MakeIdentity(1), "SELECT (60 / ($1::text)::int)::text",
        {std::to_string(i == 3 ? 0 : i + 1)});
  }
  SubmitAll(*executor);
  Go();
  for (int i = 0; i < 8; ++i) {
    if (i == 3) {
      EXPECT_EQ(calls_[i]->Wait().code(), StatusCode::kInvalidArgument) << calls_[i]->Wait();
    } else {
      ASSERT_TRUE(calls_[i]->Wait().ok()) << calls_[i]->Wait();
      EXPECT_EQ(calls_[i]->Value(), std::to_string(60 / (i + 1)));
    }
  }
  EXPECT_EQ(shared(), 7);
  EXPECT_EQ(aborted(), 7);
  EXPECT_EQ(Metric("tenantry_transactions_total{outcome=\"refused\"}"), 1);
  EXPECT_EQ(Metric("tenantry_transactions_total{outcome=\"committed\"}"), 7);
}

TEST_F(SharingTest, WhenAllFailEachIsTold) {
  auto executor = MakeHeld();
  AddMany(4, MakeIdentity(1), "SELECT 1 / (count(*) - count(*)) FROM app.notes");
  AddMany(4, MakeIdentity(1, "", "no_such_role"), kWhich);
  SubmitAll(*executor);
  Go();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(calls_[i]->Wait().code(), StatusCode::kInvalidArgument);
    EXPECT_FALSE(calls_[i + 4]->Wait().ok()) << "without its context it must not run";
  }
}

TEST_F(SharingTest, ManyCallersAndFailuresAmongThem) {
  Admin(
      "INSERT INTO app.notes (tenant_id, id, body) SELECT ('01920000-0000-7000-8000-' ||"
      " lpad(to_hex(t), 12, '0'))::uuid, 1, t::text FROM generate_series(0, 4) t");
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto executor = MakeHeld();
  std::vector<int> tenants;
  for (int i = 0; i < 2000; ++i) {
    tenants.push_back(random() % 5);
    Add(MakeIdentity(tenants[i], "", random() % 2 ? "authenticated" : "support"),
        random() % 50 == 0 ? "SELECT 1 / (count(*) - 1) FROM app.notes"
                           : "SELECT body FROM app.notes");
  }
  SubmitAll(*executor);
  Go();
  for (int i = 0; i < 2000; ++i) {
    Call& call = *calls_[i];
    if (!call.Wait().ok()) {
      ASSERT_EQ(call.Wait().code(), StatusCode::kInvalidArgument) << call.Wait();
      continue;
    }
    ASSERT_EQ(call.RowCount(), 1);
    ASSERT_EQ(call.Value(), std::to_string(tenants[i]));
  }
  EXPECT_GT(shared(), 100);
  EXPECT_GT(aborted(), 0);
}

TEST_F(SharingTest, AStalePlanIsMadeAnewForAll) {
  auto executor = MakeHeld();
  Go();
  auto warm = Read(1, "SELECT * FROM app.notes");
  ASSERT_TRUE(Submit(*executor, *warm).Wait().ok()) << warm->Wait();
  Admin("INSERT INTO app.notes (tenant_id, id) VALUES ('" + TenantText(1) + "', 5)");
  // Nothing is put behind one that is known to be slow: the others wait, and go together.
  auto slow = Read(1, "SELECT pg_sleep(0.6)::text");
  executor->Submit(slow.get());
  absl::SleepFor(absl::Milliseconds(200));
  AddMany(5, MakeIdentity(1), "SELECT * FROM app.notes");
  SubmitAll(*executor);
  Admin("ALTER TABLE app.notes ADD COLUMN added int");
  for (auto& call : calls_) {
    ASSERT_TRUE(call->Wait().ok()) << call->Wait();
    EXPECT_EQ(call->RowCount(), 1);
  }
  EXPECT_EQ(shared(), 4);
  EXPECT_EQ(Metric("tenantry_transaction_retries_total{reason=\"stale_plan\"}"), 1);
  EXPECT_EQ(aborted(), 4);
}

TEST_F(SharingTest, OneIsLetGoAtItsDeadline) {
  auto executor = MakeHeld();
  Add(MakeIdentity(1), "SELECT pg_sleep(1.5)::text");
  AddMany(2, MakeIdentity(1), kWhich);
  const absl::Time now = absl::Now();
  for (int i = 0; i < 3; ++i) calls_[i]->deadline = now + absl::Milliseconds(i == 0 ? 1000 : 1900);
  SubmitAll(*executor);
  Go();
  EXPECT_EQ(calls_[0]->Wait().code(), StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(calls_[1]->done());
  calls_.erase(calls_.begin());  // nothing may touch it any more
  EXPECT_EQ(Transactions(), Counts{2});
}

TEST_F(SharingTest, ALostConnectionIsNotTheEnd) {
  Gate gate(Postgres().socket_path());
  pg::ExecutorOptions options;
  options.database_url = gate.Url("tenantry_app", database_->name());
  auto executor = MakeHeld(options);
  Add(MakeIdentity(1), "SELECT pg_sleep(0.5)::text");
  AddMany(5, MakeIdentity(1), "SELECT 'x'");
  SubmitAll(*executor);
  Go();
  while (Admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0") {
    absl::SleepFor(absl::Milliseconds(10));
  }
  gate.BreakAll();
  for (auto& call : calls_) EXPECT_TRUE(call->Wait().ok()) << call->Wait();
  EXPECT_EQ(shared(), 5) << "the second time each goes alone";
  EXPECT_EQ(Metric("tenantry_transaction_retries_total{reason=\"connection_lost\"}"), 6);
}

TEST_F(SharingTest, ShutdownEndsThem) {
  auto executor = MakeHeld();
  Add(MakeIdentity(1), "SELECT pg_sleep(10)::text");
  AddMany(5, MakeIdentity(1), kWhich);
  SubmitAll(*executor);
  Go();
  absl::SleepFor(absl::Milliseconds(300));
  executor->Shutdown(absl::Milliseconds(200));
  for (auto& call : calls_) EXPECT_EQ(call->Wait().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tenantry::test
