// What a read would do, asked through the API.

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "saas/v1/crm_service.pb.h"
#include "tenantry/v1/explain.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using nlohmann::json;

class ExplainTest : public ::testing::Test {
 protected:
  static test::TestServer& server() {
    static auto& server = *new test::TestServer({.configure = [](Config& config) {
      config.explain_roles = {"support"};
      config.estimated_totals = true;
    }});
    return server;
  }

  grpc::Status Explain(const google::protobuf::Message* request, const std::string& tenant,
                       v1::ExplainResponse& response, const std::string& role = "support") {
    v1::ExplainRequest explain;
    explain.set_analyze(analyze_);
    if (request != nullptr) explain.mutable_request()->PackFrom(*request);
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant);
    context.AddMetadata("x-user-role", role);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return v1::ExplainService::NewStub(server().client().channel())
        ->Explain(&context, explain, &response);
  }
  client::Error Refused(const google::protobuf::Message* request,
                        const std::string& role = "support") {
    v1::ExplainResponse response;
    const grpc::Status status = Explain(request, tenant_, response, role);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(response.statements_size(), 0);
    return client::DecodeError(status);
  }

  std::string MakeContact(const std::string& tenant) {
    const CallResult made =
        server().client().Call("CreateContact", "contact { name: 'Ada' }", As(tenant));
    EXPECT_TRUE(made.ok()) << made.ToString();
    return Value(*made.reply, "id");
  }

  const std::string tenant_ = server().NewTenant();
  bool analyze_ = false;
};

TEST_F(ExplainTest, EveryStatementHasItsSqlAndItsPlan) {
  saas::v1::ListContactsRequest list;
  list.mutable_filter()->mutable_name()->set_eq("a name that nobody else has");
  list.set_total(v1::TOTAL_EXACT);
  v1::ExplainResponse response;
  const grpc::Status status = Explain(&list, tenant_, response);
  ASSERT_TRUE(status.ok()) << client::ToString(client::DecodeError(status));
  ASSERT_EQ(response.statements_size(), 2);
  for (const v1::ExplainedStatement& statement : response.statements()) {
    EXPECT_THAT(statement.sql(), ::testing::StartsWith("SELECT "));
    EXPECT_THAT(statement.sql(), ::testing::Not(::testing::HasSubstr("nobody else")));
    const json plan = json::parse(statement.plan_json())[0]["Plan"];
    EXPECT_EQ(statement.cost(), plan["Total Cost"].get<double>());
    EXPECT_EQ(statement.rows(), plan["Plan Rows"].get<double>());
    EXPECT_GT(statement.cost(), 0);
    EXPECT_FALSE(statement.has_milliseconds());
  }
  list.set_total(v1::TOTAL_ESTIMATED);
  ASSERT_TRUE(Explain(&list, tenant_, response).ok());
  EXPECT_EQ(response.statements_size(), 2);
}

TEST_F(ExplainTest, AnalyzeRunsAsTheCallerAndSendsNoRows) {
  const std::string other = server().NewTenant();
  saas::v1::GetContactRequest get;
  get.set_id(MakeContact(tenant_));
  analyze_ = true;
  for (const auto& [tenant, rows] : std::map<std::string, int>{{tenant_, 1}, {other, 0}}) {
    v1::ExplainResponse response;
    ASSERT_TRUE(Explain(&get, tenant, response).ok());
    const v1::ExplainedStatement& statement = response.statements(0);
    EXPECT_TRUE(statement.has_milliseconds());
    EXPECT_EQ(json::parse(statement.plan_json())[0]["Plan"]["Actual Rows"].get<int>(), rows);
    EXPECT_THAT(statement.plan_json(), ::testing::Not(::testing::HasSubstr("Ada")));
  }
}

TEST_F(ExplainTest, OnlyRolesThatAreNamedMayAsk) {
  saas::v1::ListContactsRequest list;
  const client::Error error = Refused(&list, "authenticated");
  EXPECT_EQ(error.code, grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(error.reason, "EXPLAIN_NOT_ALLOWED");
  // By default, nobody.
  grpc::ClientContext context;
  context.AddMetadata("x-tenant-id", Saas().NewTenant());
  context.AddMetadata("x-user-role", "admin");
  v1::ExplainRequest explain;
  explain.mutable_request()->PackFrom(list);
  v1::ExplainResponse response;
  EXPECT_EQ(v1::ExplainService::NewStub(Saas().client().channel())
                ->Explain(&context, explain, &response)
                .error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(ExplainTest, WhatIsNoReadIsRefusedByName) {
  const auto violation = [&](const google::protobuf::Message* request) {
    const client::Error error = Refused(request);
    EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
    return error.violations.empty()
               ? std::string()
               : absl::StrCat(error.violations[0].field, ": ", error.violations[0].description);
  };
  saas::v1::CreateContactRequest create;
  create.mutable_contact()->set_name("Ada");
  EXPECT_THAT(violation(&create), ::testing::HasSubstr("CreateContactRequest is none"));
  saas::v1::Contact contact;
  EXPECT_THAT(violation(&contact), ::testing::StartsWith("request: must be the request of a read"));
  EXPECT_THAT(violation(nullptr), ::testing::StartsWith("request: is required"));
  v1::ExplainRequest hostile;
  hostile.mutable_request()->set_type_url(std::string(1 << 20, 'x'));
  grpc::ClientContext context;
  context.AddMetadata("x-tenant-id", tenant_);
  context.AddMetadata("x-user-role", "support");
  v1::ExplainResponse response;
  const grpc::Status refused = v1::ExplainService::NewStub(server().client().channel())
                                   ->Explain(&context, hostile, &response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_LT(refused.error_message().size(), 200u) << "a hostile text is not told back";
  saas::v1::GetContactRequest get;
  get.set_id("no id");
  EXPECT_EQ(violation(&get), "id: must be a UUID");
}

}  // namespace
}  // namespace tenantry::e2e
