// The context: what a statement sees of its caller, that nothing of it stays, and that without it
// nothing runs.
#include <random>

#include "absl/time/clock.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using pg::Access;

constexpr char kWhoAmI[] =
    "SELECT current_user::text, current_setting('app.tenant_id'), current_setting('app.user_id'),"
    " current_setting('app.role'), current_setting('request.jwt.claims'),"
    " current_setting('statement_timeout'), current_setting('transaction_read_only'),"
    " pg_backend_pid()::text";

pg::ExecutorOptions OneConnection() {
  pg::ExecutorOptions options;
  options.connections_per_lane = 1;
  options.write_connections_per_lane = 0;
  options.write_depth_max = 8;  // deeper than usual, for the sake of the test
  return options;
}

class ContextTest : public PgTest {};

TEST_F(ContextTest, IsSeenByTheStatement) {
  auto executor = MakeExecutor();
  Call call(MakeIdentity(7, "user-1", "support", R"({"sub":"user-1"})"), Access::kReadOnly,
            {MakeStatement(kWhoAmI)});
  call.deadline = absl::Now() + absl::Seconds(10);
  ASSERT_TRUE(Submit(*executor, call).Wait().ok()) << call.Wait();
  EXPECT_EQ(call.Value(0, 0), "support");
  EXPECT_EQ(call.Value(0, 1), TenantText(7));
  EXPECT_EQ(call.Value(0, 2), "user-1");
  EXPECT_EQ(call.Value(0, 3), "support");
  EXPECT_EQ(call.Value(0, 4), R"({"sub":"user-1"})");
  EXPECT_EQ(call.Value(0, 6), "on");
  const std::string timeout = call.Value(0, 5);
  EXPECT_TRUE(timeout == "10s" || (timeout.ends_with("ms") && std::stoi(timeout) > 9000))
      << timeout;
}

TEST_F(ContextTest, IsGoneWithTheTransaction) {
  auto executor = MakeExecutor(OneConnection());
  Call first(MakeIdentity(1, "user-1", "admin", "{}"), Access::kReadOnly, {MakeStatement(kWhoAmI)});
  ASSERT_TRUE(Submit(*executor, first).Wait().ok());
  Call second(MakeIdentity(2), Access::kReadWrite, {MakeStatement(kWhoAmI)});
  ASSERT_TRUE(Submit(*executor, second).Wait().ok());
  EXPECT_EQ(first.Value(0, 7), second.Value(0, 7)) << "the same connection";
  EXPECT_EQ(second.Value(0, 0), "authenticated");
  EXPECT_EQ(second.Value(0, 1), TenantText(2));
  EXPECT_EQ(second.Value(0, 2), "");
  EXPECT_EQ(second.Value(0, 4), "");
  EXPECT_EQ(second.Value(0, 5), "30s");
  EXPECT_EQ(second.Value(0, 6), "off");
}

TEST_F(ContextTest, OfAFailedTransactionIsGoneToo) {
  auto executor = MakeExecutor(OneConnection());
  Call fails(MakeIdentity(1, "user-1", "admin", "{}"), Access::kReadOnly,
             {MakeStatement("SELECT 1 / ($1::text)::int", {"0"})});
  Call next(MakeIdentity(2), Access::kReadWrite, {MakeStatement(kWhoAmI)});
  executor->Submit(&fails);
  executor->Submit(&next);
  EXPECT_EQ(fails.Wait().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(next.Wait().ok());
  EXPECT_EQ(next.Value(0, 1), TenantText(2));
  EXPECT_EQ(next.Value(0, 2), "");
  EXPECT_EQ(next.Value(0, 6), "off");
}

// One Sync: were there one behind the context, the statement would run in a transaction of its own.
TEST_F(ContextTest, ThatFailsLetsNothingRun) {
  database_->Execute(
      "CREATE TABLE app.marks (at timestamptz DEFAULT now());"
      "GRANT ALL ON app.marks TO PUBLIC; GRANT USAGE ON SCHEMA app TO PUBLIC");
  auto executor = MakeExecutor(OneConnection());
  const char* insert = "INSERT INTO app.marks DEFAULT VALUES";
  for (const char* role : {"postgres", "no_such_role"}) {
    Call call(MakeIdentity(1, "", role), Access::kReadWrite, {MakeStatement(insert)});
    EXPECT_FALSE(Submit(*executor, call).Wait().ok()) << role;
  }
  EXPECT_EQ(Admin("SELECT count(*) FROM app.marks"), "0");
  Call good(MakeIdentity(1), Access::kReadWrite, {MakeStatement(insert)});
  EXPECT_TRUE(Submit(*executor, good).Wait().ok()) << good.Wait();
  EXPECT_EQ(Admin("SELECT count(*) FROM app.marks"), "1");
}

TEST_F(ContextTest, ZeroBytesAreRefusedNotCut) {
  auto executor = MakeExecutor();
  Call call(MakeIdentity(1, std::string("user\0root", 9)), Access::kReadOnly,
            {MakeStatement(kWhoAmI)});
  EXPECT_EQ(Submit(*executor, call).Wait().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ContextTest, ReadOnlyTransactionsCannotWrite) {
  auto executor = MakeExecutor();
  auto call = Read(1, "INSERT INTO app.notes (id) VALUES (1)");
  EXPECT_FALSE(Submit(*executor, *call).Wait().ok());
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
}

TEST_F(ContextTest, SeveralStatementsAreOneTransaction) {
  auto executor = MakeExecutor();
  Call call(MakeIdentity(1), Access::kReadWrite,
            {MakeStatement("INSERT INTO app.notes (id) VALUES (1)"),
             MakeStatement("SELECT count(*)::text FROM app.notes"),
             MakeStatement("INSERT INTO app.notes (id) VALUES (1)")});
  EXPECT_EQ(Submit(*executor, call).Wait().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
  Call good(MakeIdentity(1), Access::kReadWrite,
            {MakeStatement("INSERT INTO app.notes (id) VALUES (1)"),
             MakeStatement("SELECT count(*)::text FROM app.notes")});
  ASSERT_TRUE(Submit(*executor, good).Wait().ok());
  EXPECT_EQ(good.Value(0, 0, 1), "1");
}

TEST_F(ContextTest, AFailingCommitIsAnError) {
  auto executor = MakeExecutor();
  auto call = Write(1, "INSERT INTO app.notes (id, parent) VALUES (1, 99) RETURNING id::text");
  EXPECT_EQ(Submit(*executor, *call).Wait().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "0");
  EXPECT_EQ(call->Wait().message().find("99"), absl::string_view::npos);
}

// Many tenants on one connection, in all orders and with failures among them: each sees its own.
TEST_F(ContextTest, TenantsNeverMix) {
  Admin(
      "INSERT INTO app.notes (tenant_id, id, body) SELECT ('01920000-0000-7000-8000-' ||"
      " lpad(to_hex(t), 12, '0'))::uuid, n, t::text"
      " FROM generate_series(1, 20) t, generate_series(1, 5) n");
  for (bool prepared : {true, false}) {
    auto options = OneConnection();
    options.prepared_statements = prepared;
    auto executor = MakeExecutor(options);
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<Call>> calls;
    std::vector<int> tenants;
    for (int i = 0; i < 3000; ++i) {
      const int tenant = 1 + random() % 20;
      const char* role = random() % 2 ? "authenticated" : "support";
      const char* sql = random() % 10 == 0
                            ? "SELECT 1 / (count(*) - 5) FROM app.notes"
                            : "SELECT body, current_setting('app.user_id') FROM app.notes";
      calls.push_back(
          std::make_unique<Call>(MakeIdentity(tenant, "user-" + std::to_string(tenant), role),
                                 random() % 3 ? Access::kReadOnly : Access::kReadWrite,
                                 std::vector<pg::Statement>{MakeStatement(sql)}));
      calls.back()->may_share = random() % 4 != 0;
      tenants.push_back(tenant);
      executor->Submit(calls.back().get());
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      Call& call = *calls[i];
      if (!call.Wait().ok()) {
        ASSERT_EQ(call.Wait().code(), absl::StatusCode::kInvalidArgument) << call.Wait();
        continue;
      }
      ASSERT_EQ(call.RowCount(), 5);
      for (int row = 0; row < 5; ++row) {
        ASSERT_EQ(call.Value(row, 0), std::to_string(tenants[i]));
        ASSERT_EQ(call.Value(row, 1), "user-" + std::to_string(tenants[i]));
      }
    }
  }
}

}  // namespace
}  // namespace tenantry::test
