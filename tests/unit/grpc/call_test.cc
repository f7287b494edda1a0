// The way of one call with everything real but the database.

#include <map>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "client/cpp/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/status.h"
#include "server/call/derived.h"
#include "server/grpc/method_service.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/grpc/in_process.h"

namespace tenantry::rpc {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
constexpr char kGetContact[] = "/saas.v1.ContactService/GetContact";
constexpr char kCreateContact[] = "/saas.v1.ContactService/CreateContact";

class CallTest : public ::testing::Test {
 protected:
  // Ends every transaction with `outcome_` at once, on the calling thread.
  void Submit(pg::TenantTransaction* transaction) {
    ++submitted_;
    tenant_ = transaction->identity().tenant_text();
    role_ = transaction->identity().role();
    access_ = transaction->access();
    deadline_ = transaction->deadline;
    request_id_ = transaction->request_id;
    sql_ = transaction->statements[0].text->sql;
    transaction->Done(outcome_, {});
  }

  grpc::Status Call(const char* path, const std::string& request,
                    std::map<std::string, std::string> headers = {{"x-tenant-id", kTenant}}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    for (const auto& [name, value] : headers) context.AddMetadata(name, value);
    return server_.Call(path, context, request);
  }

  std::string GetRequest() const { return std::string("\x0a\x24") + kTenant; }

  absl::Status outcome_ = absl::UnavailableError("x");
  int submitted_ = 0;
  std::string tenant_, role_, request_id_, sql_;
  pg::Access access_ = pg::Access::kReadWrite;
  absl::Time deadline_;

  MetricRegistry metrics_;
  IdGenerator ids_;
  identity::MetadataAuthenticator authenticator_{{}};
  methods::Planner planner_{tenantry::testing::SaasSchema(), {}, metrics_};
  call::Environment environment_{.authenticator = authenticator_,
                                 .submit = [this](pg::TenantTransaction* t) { Submit(t); },
                                 .violations_max = 50,
                                 .reply_bytes_max = 4 << 20,
                                 .metrics = metrics_};
  call::DerivedEnvironment derived_{
      .planner = planner_,
      .ids = ids_,
      .reply_limits = {.bytes_max = 4 << 20, .row_bytes_max = 4 << 20},
      .left_out = call::LeftOutReport(metrics_)};
  call::MethodList methods_ =
      call::DerivedMethods(tenantry::testing::SaasSchema(), environment_, derived_);
  MethodService service_{methods_};
  InProcessServer server_{{&service_}};
};

TEST_F(CallTest, IdentityComesBeforeAnythingElse) {
  grpc::Status status = Call(kGetContact, "\xff not even a message", {});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(client::DecodeError(status).reason, "TENANT_MISSING");
  EXPECT_EQ(submitted_, 0);
}

TEST_F(CallTest, UndecodableBytesAreTheCallersFault) {
  EXPECT_EQ(Call(kGetContact, "\x0a\x24 too short").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  grpc::Status status = Call(kGetContact, std::string("\x0a\x01\xff"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(client::DecodeError(status).violations.at(0).field, "id");
  EXPECT_EQ(submitted_, 0);
}

TEST_F(CallTest, AllViolationsComeAtOnce) {
  grpc::Status status = Call(kCreateContact, "");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_FALSE(client::DecodeError(status).violations.empty());
  EXPECT_EQ(submitted_, 0);
}

TEST_F(CallTest, TransactionCarriesIdentityAccessDeadlineAndRequestId) {
  Call(kGetContact, GetRequest(),
       {{"x-tenant-id", kTenant}, {"x-user-role", "support"}, {"x-request-id", "abc"}});
  ASSERT_EQ(submitted_, 1);
  EXPECT_EQ(tenant_, kTenant);
  EXPECT_EQ(role_, "support");
  EXPECT_EQ(access_, pg::Access::kReadOnly);
  EXPECT_LT(deadline_, absl::Now() + absl::Seconds(31));
  EXPECT_GT(deadline_, absl::Now() + absl::Seconds(10));
  EXPECT_EQ(request_id_, "abc");
  EXPECT_THAT(sql_, HasSubstr("\"saas\".\"contacts\""));
}

TEST_F(CallTest, OutcomesBecomeStatusesWithTheRequestId) {
  outcome_ = FromDatabaseError({.sqlstate = "23505",
                                .message = "SECRET",
                                .detail = "SECRET",
                                .schema = {},
                                .table = "contacts",
                                .column = {},
                                .constraint = "k"});
  grpc::Status status =
      Call(kGetContact, GetRequest(), {{"x-tenant-id", kTenant}, {"x-request-id", "abc"}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ((status.error_message() + status.error_details()).find("SECRET"), std::string::npos);
  client::Error error = client::DecodeError(status);
  EXPECT_EQ(error.reason, "ALREADY_EXISTS");
  EXPECT_EQ(error.metadata["request_id"], "abc");
}

TEST_F(CallTest, ARequestIdThatIsNotFitForLogsIsReplaced) {
  Call(kGetContact, GetRequest(), {{"x-tenant-id", kTenant}, {"x-request-id", "a b"}});
  EXPECT_EQ(request_id_.size(), 36u);
}

TEST_F(CallTest, CountsCallsByOutcome) {
  Call(kGetContact, GetRequest());
  Call(kGetContact, "", {});
  std::string text = metrics_.Render();
  EXPECT_THAT(text, HasSubstr("tenantry_calls_started_total{service=\"saas.v1.ContactService\","
                              "method=\"GetContact\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("method=\"GetContact\",code=\"UNAVAILABLE\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("method=\"GetContact\",code=\"UNAUTHENTICATED\"} 1\n"));
  // A method that nobody calls takes no room.
  EXPECT_THAT(text, ::testing::Not(HasSubstr("method=\"ListContacts\"")));
}

}  // namespace
}  // namespace tenantry::rpc
