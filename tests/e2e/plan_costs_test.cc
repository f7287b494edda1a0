// The setting plan-cost-max: what the planner expects to be too costly is refused before it runs.
#include <chrono>

#include "absl/strings/str_cat.h"
#include "httplib.h"
#include "saas/v1/crm_service.pb.h"
#include "tenantry/v1/transact.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

class PlanCostsTest : public ::testing::Test {
 protected:
  // One row by its key costs less than 10, and two of them more.
  static test::TestServer& server() {
    static auto& server = *new test::TestServer({.configure = [](Config& config) {
      config.estimated_totals = true;
      config.plan_cost_max = {"authenticated=0.001", "support=10"};
    }});
    return server;
  }

  CallResult Call(const std::string& method, const std::string& request,
                  const std::string& role) const {
    return server().client().Call(method, request, As(tenant_, role));
  }

  client::Error Transact(int gets, const std::string& id) const {
    v1::TransactRequest request;
    for (int i = 0; i < gets; ++i) {
      saas::v1::GetContactRequest get;
      get.set_id(id);
      request.add_steps()->mutable_request()->PackFrom(get);
    }
    grpc::ClientContext context;
    for (const auto& [name, value] : As(tenant_, "support")) context.AddMetadata(name, value);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::TransactResponse response;
    return client::DecodeError(v1::TransactService::NewStub(server().client().channel())
                                   ->Transact(&context, request, &response));
  }

  // That the database has done for the server.
  static double Transactions() {
    httplib::Client http("http://" + server().server().metrics_address());
    const auto page = http.Get("/metrics");
    const std::string line = "tenantry_transactions_total{outcome=\"committed\"} ";
    const std::size_t at = page ? page->body.find(line) : std::string::npos;
    return at == std::string::npos ? 0 : std::stod(page->body.substr(at + line.size()));
  }

  const std::string tenant_ = server().NewTenant();
};

TEST_F(PlanCostsTest, WhatIsTooCostlyForARoleIsRefusedWithItsCost) {
  // Refused when the planner was asked, and then by what is kept of it.
  for (const double asked : {1, 0}) {
    const double before = Transactions();
    const CallResult refused = Call("ListContacts", "", "authenticated");
    EXPECT_THAT(refused, FailsBecause(grpc::StatusCode::RESOURCE_EXHAUSTED, "PLAN_TOO_COSTLY"));
    EXPECT_EQ(refused.error.metadata.at("cost_max"), "0.001");
    EXPECT_GT(std::stod(refused.error.metadata.at("cost")), 0.001);
    EXPECT_EQ(Transactions() - before, asked);
  }
  EXPECT_THAT(Call("ListContacts", "page_size: -1", "authenticated"),
              Fails(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(Call("ListContacts", "", "admin"), IsOk()) << "a role that is not named";
}

// It is the planner's own guess, and nothing is read for it.
TEST_F(PlanCostsTest, AnEstimatedTotalCostsNothing) {
  const CallResult plain = Call("ListContacts", "", "authenticated");
  const CallResult estimated = Call("ListContacts", "total: TOTAL_ESTIMATED", "authenticated");
  const CallResult exact = Call("ListContacts", "total: TOTAL_EXACT", "authenticated");
  ASSERT_THAT(estimated, FailsBecause(grpc::StatusCode::RESOURCE_EXHAUSTED, "PLAN_TOO_COSTLY"));
  EXPECT_EQ(estimated.error.metadata.at("cost"), plain.error.metadata.at("cost"));
  EXPECT_GT(std::stod(exact.error.metadata.at("cost")), std::stod(plain.error.metadata.at("cost")));
}

TEST_F(PlanCostsTest, AWriteIsRefusedBeforeItWrites) {
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }", "authenticated"),
              FailsBecause(grpc::StatusCode::RESOURCE_EXHAUSTED, "PLAN_TOO_COSTLY"));
  const CallResult all = Call("ListContacts", "total: TOTAL_EXACT", "admin");
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(Value(*all.reply, "total_size"), "0");
}

TEST_F(PlanCostsTest, TheStepsOfATransactionCostTogether) {
  const CallResult made = Call("CreateContact", "contact { name: 'Ada' }", "support");
  ASSERT_THAT(made, IsOk());
  const std::string id = Value(*made.reply, "id");
  EXPECT_THAT(Call("GetContact", absl::StrCat("id: '", id, "'"), "support"), IsOk());
  EXPECT_EQ(Transact(1, id).code, grpc::StatusCode::OK);
  const client::Error refused = Transact(2, id);
  EXPECT_EQ(refused.reason, "PLAN_TOO_COSTLY") << client::ToString(refused);
  EXPECT_EQ(refused.metadata.at("cost_max"), "10");
}

TEST_F(PlanCostsTest, ValidationCostsNothingMore) {
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' } validate_only: true", "support"),
              IsOk());
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' } validate_only: true", "support"),
              IsOk());
}

}  // namespace
}  // namespace tenantry::e2e
