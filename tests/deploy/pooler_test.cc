// Through a pooler in transaction mode, which gives every transaction another server connection.
#include <pqxx/pqxx>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/migrate/apply.h"
#include "tests/deploy/pgbouncer.h"
#include "tests/isolation/tenants_at_once.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/support/test_server.h"

namespace tenantry::test {
namespace {

using ::testing::HasSubstr;

// Fewer server connections than clients, so that nobody keeps one.
constexpr int kServerConnections = 3;

class PoolerServerTest : public ::testing::TestWithParam<Which> {
 protected:
  void SetUp() override {
    if (PgBouncer::Program().empty()) GTEST_SKIP() << "pgbouncer is not installed";
    pooler_ = std::make_unique<PgBouncer>(kServerConnections);
    server_ = std::make_unique<TestServer>(TestServer::Options{
        .schema = GetParam(), .configure = [this](Config& config) {
          const std::string url = config.database_url;
          const auto name = url.substr(url.rfind('/', url.find('?')) + 1);
          config.database_url = pooler_->Url("tenantry_app", name.substr(0, name.find('?')));
        }});
  }

  std::unique_ptr<PgBouncer> pooler_;
  std::unique_ptr<TestServer> server_;
};

// Every method of every table, by many tenants in turns.
TEST_P(PoolerServerTest, KeepsTenantsApart) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  isolation::Findings findings;
  isolation::TenantsAtOnce tenants({.client = server_->client(),
                                    .superuser_url = server_->database().superuser_url(),
                                    .tenants = 8,
                                    .in_flight = 48,
                                    .calls = 1500,
                                    .seed = seed},
                                   findings);
  tenants.Run();
  EXPECT_TRUE(findings.empty()) << findings.ToString();
  const std::string metrics = server_->server().metrics().Render();
  const bool prepared =
      metrics.find("tenantry_prepared_statements_total{event=\"made\"} 0\n") == std::string::npos;
  EXPECT_EQ(prepared, pooler_->keeps_prepared());
}

INSTANTIATE_TEST_SUITE_P(Schemas, PoolerServerTest, ::testing::Values(Which::kSaas, Which::kLedger),
                         [](const auto& info) {
                           return info.param == Which::kSaas ? "saas" : "ledger";
                         });

class PoolerTest : public PgTest {
 protected:
  void SetUp() override {
    if (PgBouncer::Program().empty()) GTEST_SKIP() << "pgbouncer is not installed";
    pooler_ = std::make_unique<PgBouncer>(kServerConnections);
  }
  pg::ExecutorOptions ThroughPooler() const {
    pg::ExecutorOptions options;
    options.database_url = pooler_->Url("tenantry_app", database_->name());
    return options;
  }

  std::unique_ptr<PgBouncer> pooler_;
};

// No SET of ours would reach the connection that runs the statement.
TEST_F(PoolerTest, FormsOfTextDoNotDependOnTheSession) {
  for (const char* setting :
       {"datestyle = 'German'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Tokyo'",
        "bytea_output = 'escape'", "extra_float_digits = -5", "row_security = off"}) {
    database_->Execute("ALTER ROLE tenantry_app IN DATABASE " + database_->name() + " SET " +
                       setting);
  }
  auto executor = MakeExecutor(ThroughPooler());
  auto call = Read(1,
                   "SELECT concat_ws('|', date '2026-01-31', interval '1 day',"
                   " timestamptz '2026-01-31 12:00+00', bytea '\\x00ff', 0.1::float8 + 0.2,"
                   " (SELECT count(*) FROM app.notes))");
  ASSERT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
  EXPECT_EQ(call->Value(), "2026-01-31|P1D|2026-01-31 12:00:00+00|\\x00ff|0.30000000000000004|0");
}

TEST_F(PoolerTest, NothingOfATransactionIsLeftForTheNext) {
  auto executor = MakeExecutor(ThroughPooler());
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back(Read(1 + i % 7, "SELECT concat_ws('|', tenantry.tenant_id(), current_user)"));
    executor->Submit(calls.back().get());
  }
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(calls[i]->Wait().ok()) << calls[i]->Wait();
    EXPECT_EQ(calls[i]->Value(), TenantText(1 + i % 7) + "|authenticated");
  }
  pqxx::connection after(pooler_->Url("tenantry_app", database_->name()));
  for (int i = 0; i < 2 * kServerConnections; ++i) {
    pqxx::nontransaction tx(after);
    EXPECT_EQ(
        tx.query_value<std::string>(
            "SELECT concat('[', current_setting('app.tenant_id', true), ']|', current_user, '|',"
            " current_setting('statement_timeout'))"),
        "[]|tenantry_app|0");
  }
}

TEST_F(PoolerTest, MoreStatementsThanMayBePrepared) {
  pg::ExecutorOptions options = ThroughPooler();
  options.prepared_max = 4;
  options.connections_per_lane = 1;
  auto executor = MakeExecutor(options);
  for (int i = 0; i < 60; ++i) {
    auto call = Read(1, "SELECT '" + std::to_string(i % 20) + "'");
    ASSERT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
    EXPECT_EQ(call->Value(), std::to_string(i % 20));
  }
  EXPECT_EQ(Metric("tenantry_prepared_statements_total{event=\"made\"}"),
            pooler_->keeps_prepared() ? 4 : 0);
}

TEST_F(PoolerTest, ItsRestartIsARestartOfTheDatabase) {
  auto executor = MakeExecutor(ThroughPooler());
  auto before = Read(1, "SELECT 'x'");
  ASSERT_TRUE(Submit(*executor, *before).Wait().ok());
  pooler_->Restart();
  EXPECT_TRUE(Eventually([&] {
    auto again = Read(1, "SELECT 'x'");
    return Submit(*executor, *again).Wait().ok();
  }));
}

TEST_F(PoolerTest, MigrationsRefuseToGoThroughIt) {
  migrate::MigrateOptions options;
  options.database_url = pooler_->Url("tenantry_owner", database_->name());
  options.migrations_dir = SourcePath("sql/migrations");
  EXPECT_THAT(std::string(migrate::Migrate(options).status().message()), HasSubstr("pooler"));
}

}  // namespace
}  // namespace tenantry::test
