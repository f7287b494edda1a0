// Isolation between tenants, generated from the schema: no table and no method is named here.

#include <random>
#include <set>
#include <thread>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/schema/kinds.h"
#include "tenantry/v1/options.pb.h"
#include "tests/isolation/aggregating.h"
#include "tests/isolation/crossing.h"
#include "tests/isolation/explaining.h"
#include "tests/isolation/filtering.h"
#include "tests/isolation/raw_sql.h"
#include "tests/isolation/tenants_at_once.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {
namespace {

using test::SharedSchema;
using test::TestServer;
using test::Which;

// Few connections, so that tenants follow each other on them.
TestServer& ServerFor(Which which) {
  static auto& servers = *new std::map<Which, std::unique_ptr<TestServer>>;
  std::unique_ptr<TestServer>& server = servers[which];
  if (!server) {
    server = std::make_unique<TestServer>(
        TestServer::Options{.schema = which, .configure = [](Config& config) {
                              config.connections_per_lane = 2;
                              config.explain_roles = {"authenticated", "support", "admin"};
                            }});
  }
  return *server;
}

std::string NameOf(Which which) {
  if (which == Which::kExamples) return "examples";
  return which == Which::kSaas ? "saas" : "ledger";
}

class IsolationTest : public ::testing::TestWithParam<std::tuple<Which, const char*>> {
 protected:
  TestServer& server_ = ServerFor(std::get<0>(GetParam()));
  const std::string role_ = std::get<1>(GetParam());
  Findings findings_;
};

TEST_P(IsolationTest, NoMethodCrossesTenants) {
  Crossing crossing({.client = server_.client(),
                     .superuser_url = server_.database().superuser_url(),
                     .tenant_a = test::NewTenantId(),
                     .tenant_b = test::NewTenantId(),
                     .role = role_},
                    findings_);
  crossing.Run();
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
  EXPECT_GT(crossing.related_rows(), 50);
}

// What was tried call by call, as steps of a transaction, and by writes whose request_id another
// tenant has used.
TEST_P(IsolationTest, NoOtherWayCrossesTenants) {
  for (Way way : {Way::kTransact, Way::kNamed}) {
    Crossing({.client = server_.client(),
              .superuser_url = server_.database().superuser_url(),
              .tenant_a = test::NewTenantId(),
              .tenant_b = test::NewTenantId(),
              .role = role_,
              .way = way},
             findings_)
        .Run();
  }
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
}

TEST_P(IsolationTest, NoFilterCrossesTenants) {
  Filtering filtering({.client = server_.client(),
                       .superuser_url = server_.database().superuser_url(),
                       .role = role_},
                      findings_);
  filtering.TryOperators();
  filtering.TryRelations();
  filtering.TryOrders();
  filtering.TrySearches();
  EXPECT_EQ(filtering.searched(), absl::c_count_if(server_.schema().methods(), Searches));
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
}

TEST_P(IsolationTest, NoAggregateCrossesTenants) {
  Aggregating aggregating({.client = server_.client(),
                           .superuser_url = server_.database().superuser_url(),
                           .role = role_},
                          findings_);
  aggregating.TryColumns();
  aggregating.TryRelations();
  aggregating.TryBesideRows();
  // No relation of the examples has numbers to add up.
  if (std::get<0>(GetParam()) != Which::kExamples) {
    EXPECT_GT(aggregating.measured(), 20);
  }
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
}

TEST_P(IsolationTest, NoExplanationCrossesTenants) {
  Explaining({.client = server_.client(),
              .superuser_url = server_.database().superuser_url(),
              .role = role_},
             findings_)
      .Run();
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
}

TEST_P(IsolationTest, NoHandWrittenStatementCrossesTenants) {
  const std::string url = server_.database().superuser_url();
  Population a(server_.client(), url, test::NewTenantId(), test::RowFactory("alphas"), 2,
               findings_);
  Population b(server_.client(), url, test::NewTenantId(), test::RowFactory("betas", 10'000), 2,
               findings_);
  RawSql raw({.schema = server_.schema(),
              .superuser_url = url,
              .tenant_a = a.tenant(),
              .tenant_b = b.tenant(),
              .role = role_,
              .executor = {.database_url = server_.database().app_url(),
                           .connections_per_lane = 1,
                           .write_connections_per_lane = 0}},
             findings_);
  raw.Run();
  EXPECT_TRUE(findings_.empty()) << findings_.ToString();
}

// As behind a pooler that cannot keep them.
TEST(WithoutPreparedStatementsTest, NothingCrossesTenants) {
  TestServer server({.configure = [](Config& config) { config.prepared_statements = false; }});
  const std::string url = server.database().superuser_url();
  const std::string tenant_a = test::NewTenantId();
  const std::string tenant_b = test::NewTenantId();
  Findings findings;
  Crossing crossing({.client = server.client(),
                     .superuser_url = url,
                     .tenant_a = tenant_a,
                     .tenant_b = tenant_b,
                     .role = ""},
                    findings);
  crossing.Run();
  pg::ExecutorOptions executor;
  executor.database_url = server.database().app_url();
  executor.connections_per_lane = 1;
  executor.prepared_statements = false;
  RawSql raw({.schema = server.schema(),
              .superuser_url = url,
              .tenant_a = tenant_a,
              .tenant_b = tenant_b,
              .executor = executor},
             findings);
  raw.Run();
  EXPECT_TRUE(findings.empty()) << findings.ToString();
}

INSTANTIATE_TEST_SUITE_P(Schemas, IsolationTest,
                         ::testing::Combine(::testing::Values(Which::kSaas, Which::kLedger,
                                                              Which::kExamples),
                                            ::testing::Values("authenticated", "support", "admin")),
                         [](const auto& info) {
                           return absl::StrCat(NameOf(std::get<0>(info.param)), "_",
                                               std::get<1>(info.param));
                         });

class EveryMethodTest : public ::testing::TestWithParam<Which> {
 protected:
  TestServer& server_ = ServerFor(GetParam());
};

TEST_P(EveryMethodTest, RefusesCallersItCannotTell) {
  const std::string tenant = test::NewTenantId();
  const test::Headers refused[] = {
      {},
      {{"x-user-role", "admin"}},
      {{"x-tenant-id", ""}},
      {{"x-tenant-id", "acme"}},
      {{"x-tenant-id", "*"}},
      {{"x-tenant-id", tenant.substr(0, 35)}},
      {{"x-tenant-id", tenant + "0"}},
      {{"x-tenant-id", "{" + tenant.substr(0, 34) + "}"}},
      {{"x-tenant-id", "' OR true --"}},
      {{"x-tenant-id", tenant}, {"x-tenant-id", test::NewTenantId()}},
      {{"x-tenant-id", tenant}, {"x-user-role", "postgres"}},
      {{"x-tenant-id", tenant}, {"x-user-role", "tenantry_owner"}},
      {{"x-tenant-id", tenant}, {"x-user-role", "tenantry_app"}},
      {{"x-tenant-id", tenant}, {"x-user-role", "none"}},
      {{"x-tenant-id", tenant}, {"x-user-role", "AUTHENTICATED"}},
      {{"x-tenant-id", tenant}, {"x-user-role", ""}},
      {{"x-tenant-id", tenant}, {"x-user-role", "authenticated"}, {"x-user-role", "admin"}},
      {{"x-tenant-id", tenant}, {"x-user-id", std::string(256, 'u')}},
      {{"x-tenant-id", tenant}, {"x-user-id", "one"}, {"x-user-id", "two"}},
  };
  for (const schema::Method& method : server_.schema().methods()) {
    for (const test::Headers& headers : refused) {
      // The request must not matter, since the server looks first at who is calling.
      const std::string bytes[] = {"", "\xff\xff\xff"};
      std::set<std::string> answers;
      for (const std::string& request : bytes) {
        const test::CallResult result = server_.client().CallBytes(
            method, request, {.headers = test::WithRequestId(headers, "nobody")});
        EXPECT_EQ(result.status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
            << method.path << ": " << result.ToString();
        answers.insert(result.Refusal());
      }
      EXPECT_EQ(answers.size(), 1u) << method.path;
    }
  }
}

TEST_P(EveryMethodTest, IsCoveredByKind) {
  const std::vector<v1::MethodKind> covered = Crossing::CoveredKinds();
  for (const schema::Kind* kind : schema::Kinds()) {
    EXPECT_THAT(covered, ::testing::Contains(kind->number))
        << "a new kind of method needs a case in tests/isolation/crossing.cc";
  }
}

TEST_P(EveryMethodTest, KeepsTenantsApartWhenTheyCallAtOnce) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Findings findings;
  TenantsAtOnce tenants({.client = server_.client(),
                         .superuser_url = server_.database().superuser_url(),
                         .tenants = 12,
                         .in_flight = 64,
                         .calls = 3000,
                         .seed = seed},
                        findings);
  tenants.Run();
  EXPECT_TRUE(findings.empty()) << findings.ToString();
}

INSTANTIATE_TEST_SUITE_P(Schemas, EveryMethodTest,
                         ::testing::Values(Which::kSaas, Which::kLedger, Which::kExamples),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace tenantry::isolation
