// Methods that are written by hand, on a real server and a real database: they have the same frame
// as derived ones, and tenants are as far apart.
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cpp/error.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "gtest/gtest.h"
#include "server/base/metrics.h"
#include "tenantry/v1/session.pb.h"
#include "tests/e2e/servers.h"
#include "tests/support/notebook.h"
#include "written/v1/notebook.pb.h"

namespace tenantry::e2e {
namespace {

using namespace written::v1;
using ::testing::HasSubstr;
using ::testing::Not;

class WrittenTest : public ::testing::Test {
 protected:
  static test::TestServer& Server() {
    static auto& server =
        *new test::TestServer(test::TestServer::Options{.add_methods = test::AddNotebook});
    return server;
  }

  template <typename Request, typename Response>
  grpc::Status CallIn(grpc::ClientContext& context, const std::string& method,
                      const Request& request, Response& response, const test::Headers& headers) {
    for (const auto& [name, value] : headers) context.AddMetadata(name, value);
    const std::string path = absl::StrCat("/", test::kNotebook, "/", method);
    const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    return grpc::internal::BlockingUnaryCall(Server().client().channel().get(), rpc, &context,
                                             request, &response);
  }
  template <typename Request, typename Response>
  grpc::Status Call(const std::string& method, const Request& request, Response& response,
                    const test::Headers& headers) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return CallIn(context, method, request, response, headers);
  }

  grpc::Status ReadName(const std::string& tenant, const std::string& id, std::string* name) {
    ReadNameRequest request;
    request.set_contact_id(id);
    ReadNameResponse response;
    const grpc::Status status = Call("ReadName", request, response, As(tenant));
    *name = response.name();
    return status;
  }
  grpc::Status LookUp(const std::string& tenant, const std::string& id, LookUpResponse* found) {
    LookUpRequest request;
    request.set_contact_id(id);
    return Call("LookUp", request, *found, As(tenant));
  }
  grpc::Status Add(const std::string& tenant, const std::vector<std::string>& names,
                   AddContactsResponse* added, const std::string& email = "") {
    AddContactsRequest request;
    for (const std::string& name : names) request.add_names(name);
    request.set_email(email);
    return Call("AddContacts", request, *added, As(tenant));
  }

  // A contact of the tenant, made by the derived method.
  std::string NewContact(const std::string& tenant, const std::string& name,
                         const std::string& email = "") {
    const std::string more = email.empty() ? "" : absl::StrCat(" email: '", email, "'");
    CallResult result = Server().client().Call(
        "CreateContact", absl::StrCat("contact { name: '", name, "'", more, " }"), As(tenant));
    EXPECT_TRUE(result.ok()) << result.ToString();
    return result.ok() ? Value(*result.reply, "id") : "";
  }

  // How often calls of a method ended with a code.
  static double Ended(const std::string& method, const std::string& code) {
    const std::string line = absl::StrCat("tenantry_calls_total{service=\"", test::kNotebook,
                                          "\",method=\"", method, "\",code=\"", code, "\"} ");
    const std::string text = Server().server().metrics().Render();
    const std::size_t at = text.find(line);
    return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size()));
  }

  const std::string tenant_ = Server().NewTenant();
  const std::string other_ = Server().NewTenant();
};

TEST_F(WrittenTest, ReadsAndWritesThroughAnInteractiveTransaction) {
  RenameContactRequest request;
  request.set_contact_id(NewContact(tenant_, "Ada"));
  request.set_expected("Ada");
  request.set_name("Ada Lovelace");
  RenameContactResponse response;
  ASSERT_TRUE(Call("RenameContact", request, response, As(tenant_)).ok());
  EXPECT_EQ(response.before(), "Ada");
  std::string name;
  ASSERT_TRUE(ReadName(tenant_, request.contact_id(), &name).ok());
  EXPECT_EQ(name, "Ada Lovelace");
  // It thinks between its statements: the name is not what is expected any more.
  EXPECT_EQ(Call("RenameContact", request, response, As(tenant_)).error_code(),
            grpc::StatusCode::ABORTED);
}

TEST_F(WrittenTest, SendsStatementsThatAreKnownAtOnceTogether) {
  AddContactsResponse added;
  ASSERT_TRUE(Add(tenant_, {"a", "b", "c"}, &added).ok());
  EXPECT_EQ(added.added(), 3);
  EXPECT_EQ(added.contacts(), 3) << "the last statement sees what the others did";
  LookUpResponse found;
  const grpc::Status status = LookUp(tenant_, NewContact(tenant_, "d"), &found);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(found.name(), "d");
  EXPECT_EQ(found.contacts(), 4);
}

// The statements of ReadName and LookUp do not speak of the tenant at all.
TEST_F(WrittenTest, ATenantSeesNoRowOfAnother) {
  const std::string id = NewContact(tenant_, "Mine");
  std::string name;
  LookUpResponse found;
  ASSERT_TRUE(ReadName(tenant_, id, &name).ok());
  ASSERT_TRUE(LookUp(tenant_, id, &found).ok());
  for (const grpc::Status& status : {ReadName(other_, id, &name), LookUp(other_, id, &found)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(client::DecodeError(status).reason, "NO_CONTACT");
  }
  RenameContactRequest request;
  request.set_contact_id(id);
  request.set_expected("Mine");
  request.set_name("Theirs");
  RenameContactResponse response;
  EXPECT_EQ(Call("RenameContact", request, response, As(other_)).error_code(),
            grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(ReadName(tenant_, id, &name).ok());
  EXPECT_EQ(name, "Mine");
}

TEST_F(WrittenTest, IdentityComesBeforeTheBytes) {
  for (const char* method : {"ReadName", "RenameContact", "LookUp", "AddContacts"}) {
    // A message of another type, whose bytes would be refused.
    WriteAndSleepRequest bytes;
    bytes.set_seconds(1);
    bytes.GetReflection()->MutableUnknownFields(&bytes)->AddVarint(1, 7);
    ReadNameResponse response;
    const grpc::Status status = Call(method, bytes, response, {});
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
    EXPECT_EQ(client::DecodeError(status).reason, "TENANT_MISSING") << method;
  }
}

TEST_F(WrittenTest, ViolationsOfItsOwnNameTheField) {
  RenameContactRequest request;
  RenameContactResponse response;
  const grpc::Status status = Call("RenameContact", request, response, As(tenant_));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(client::DecodeError(status).violations.at(0).field, "name");
}

TEST_F(WrittenTest, ErrorsOfTheDatabaseNameTableAndConstraintAndNothingElse) {
  NewContact(tenant_, "Ada", "ada@x.example");
  RenameContactRequest request;
  request.set_contact_id(NewContact(tenant_, "Bob"));
  request.set_expected("Bob");
  request.set_name("Bobby");
  request.set_email("ada@x.example");
  RenameContactResponse renamed;
  AddContactsResponse added;
  const auto headers = test::WithRequestId(As(tenant_), "req-1");
  AddContactsRequest add;
  add.add_names("Ada again");
  add.set_email("ada@x.example");
  for (const grpc::Status& status : {Call("RenameContact", request, renamed, headers),
                                     Call("AddContacts", add, added, headers)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
    client::Error error = client::DecodeError(status);
    EXPECT_EQ(error.reason, "ALREADY_EXISTS");
    EXPECT_EQ(error.metadata["table"], "contacts");
    EXPECT_EQ(error.metadata["constraint"], "contacts_email_key");
    EXPECT_EQ(error.metadata["request_id"], "req-1");
    const std::string all = status.error_message() + status.error_details();
    EXPECT_THAT(all, Not(HasSubstr("ada@x.example")));
    EXPECT_THAT(all, Not(HasSubstr("duplicate key")));
    EXPECT_THAT(all, Not(HasSubstr("INSERT")));
  }
  // A value that is no UUID.
  std::string name;
  LookUpResponse found;
  for (const grpc::Status& status :
       {ReadName(tenant_, "SECRET", &name), LookUp(tenant_, "SECRET", &found)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message() + status.error_details(), Not(HasSubstr("SECRET")));
  }
  ASSERT_TRUE(ReadName(tenant_, request.contact_id(), &name).ok());
  EXPECT_EQ(name, "Bob") << "nothing of a call that failed has happened";
}

TEST_F(WrittenTest, NothingOfSeveralStatementsHappensWhenOneFails) {
  AddContactsResponse added;
  EXPECT_EQ(Add(tenant_, {"a", "b"}, &added, "same@x.example").error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
  ASSERT_TRUE(Add(tenant_, {}, &added).ok());
  EXPECT_EQ(added.contacts(), 0);
}

TEST_F(WrittenTest, MistakesOfTheFunctionAreInternalAndTellNothing) {
  for (Misdeed misdeed : {MISDEED_THROW, MISDEED_WRONG_COLUMN, MISDEED_OWN_ERROR}) {
    MisbehaveInteractivelyRequest interactively;
    interactively.set_misdeed(misdeed);
    MisbehaveAtOnceRequest at_once;
    at_once.set_misdeed(misdeed);
    MisbehaveInteractivelyResponse one;
    MisbehaveAtOnceResponse other;
    for (const grpc::Status& status :
         {Call("MisbehaveInteractively", interactively, one, As(tenant_)),
          Call("MisbehaveAtOnce", at_once, other, As(tenant_))}) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL) << misdeed;
      EXPECT_EQ(status.error_message(), "internal error");
      EXPECT_THAT(status.error_details(), Not(HasSubstr("SECRET")));
    }
  }
}

TEST_F(WrittenTest, ARepliesSizeHasALimit) {
  MisbehaveInteractivelyRequest interactively;
  interactively.set_misdeed(MISDEED_LARGE_REPLY);
  MisbehaveAtOnceRequest at_once;
  at_once.set_misdeed(MISDEED_LARGE_REPLY);
  MisbehaveInteractivelyResponse one;
  MisbehaveAtOnceResponse other;
  for (const grpc::Status& status :
       {Call("MisbehaveInteractively", interactively, one, As(tenant_)),
        Call("MisbehaveAtOnce", at_once, other, As(tenant_))}) {
    EXPECT_EQ(client::DecodeError(status).reason, "REPLY_TOO_LARGE") << status.error_message();
  }
}

TEST_F(WrittenTest, TheDeadlineEndsIt) {
  const double before = Ended("WriteAndSleep", "DEADLINE_EXCEEDED");
  WriteAndSleepRequest request;
  request.set_name("late");
  request.set_seconds(20);
  WriteAndSleepResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  EXPECT_EQ(CallIn(context, "WriteAndSleep", request, response, As(tenant_)).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  // In the server too, long before the statement would have ended. gRPC may tell it of the client's
  // end first.
  EXPECT_TRUE(test::Eventually(
      [&] {
        return Ended("WriteAndSleep", "DEADLINE_EXCEEDED") + Ended("WriteAndSleep", "CANCELLED") >
               before;
      },
      absl::Seconds(15)));
  AddContactsResponse added;
  ASSERT_TRUE(Add(tenant_, {}, &added).ok());
  EXPECT_EQ(added.contacts(), 0);
}

TEST_F(WrittenTest, ACallerThatCancelsGetsNothingDone) {
  const double before = Ended("WriteAndSleep", "CANCELLED");
  WriteAndSleepRequest request;
  request.set_name("cancelled");
  request.set_seconds(3);
  WriteAndSleepResponse response;
  grpc::ClientContext context;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(300));
    context.TryCancel();
  });
  EXPECT_EQ(CallIn(context, "WriteAndSleep", request, response, As(tenant_)).error_code(),
            grpc::StatusCode::CANCELLED);
  canceller.join();
  EXPECT_TRUE(test::Eventually([&] { return Ended("WriteAndSleep", "CANCELLED") > before; }));
  AddContactsResponse added;
  ASSERT_TRUE(Add(tenant_, {}, &added).ok());
  EXPECT_EQ(added.contacts(), 0);
}

TEST_F(WrittenTest, CallsAreCountedForEachMethod) {
  const double before = Ended("ReadName", "OK");
  const double at_once_before = Ended("LookUp", "OK");
  const std::string id = NewContact(tenant_, "x");
  std::string name;
  LookUpResponse found;
  ASSERT_TRUE(ReadName(tenant_, id, &name).ok());
  ASSERT_TRUE(LookUp(tenant_, id, &found).ok());
  EXPECT_EQ(Ended("ReadName", "OK"), before + 1);
  EXPECT_EQ(Ended("LookUp", "OK"), at_once_before + 1);
}

TEST_F(WrittenTest, ItsServiceIsKnownToHealth) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(test::kNotebook);
  grpc::health::v1::HealthCheckResponse response;
  const grpc::internal::RpcMethod rpc("/grpc.health.v1.Health/Check",
                                      grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall(Server().client().channel().get(),
                                                                rpc, &context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

}  // namespace
}  // namespace tenantry::e2e
