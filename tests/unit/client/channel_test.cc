#include "client/cpp/channel.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "client/cpp/error.h"
#include "client/cpp/write.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/fake_server.h"

namespace tenantry::client {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::FakeServer;
using ::testing::HasSubstr;

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
constexpr char kGet[] = "/saas.v1.ContactService/GetContact";
constexpr char kCreate[] = "/saas.v1.ContactService/CreateContact";

grpc::Status Invoke(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                    grpc::ClientContext& context) {
  grpc::TemplatedGenericStub<google::protobuf::Empty, saas::v1::Contact> stub(channel);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, path, {}, &queue);
  call->StartCall();
  saas::v1::Contact reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

std::shared_ptr<grpc::Channel> ChannelTo(const FakeServer& server, ChannelOptions options = {}) {
  options.addresses = {server.address()};
  options.services = {"saas.v1.ContactService"};
  auto channel = MakeChannel(options);
  EXPECT_TRUE(channel.ok()) << channel.status();
  return *channel;
}

TEST(TargetTest, OneOfEachKind) {
  EXPECT_EQ(*TargetOf({"127.0.0.1:50051"}), "ipv4:127.0.0.1:50051");
  EXPECT_EQ(*TargetOf({"[::1]:50051"}), "ipv6:[::1]:50051");
  EXPECT_EQ(*TargetOf({"unix:/run/t.sock"}), "unix:/run/t.sock");
  EXPECT_EQ(*TargetOf({"/run/t.sock"}), "unix:/run/t.sock");
  EXPECT_EQ(*TargetOf({"db.example:50051"}), "dns:///db.example:50051");
  EXPECT_EQ(*TargetOf({"dns:///db.example:50051"}), "dns:///db.example:50051");
}

TEST(TargetTest, SeveralGoTogetherWhenTheyAreOfOneKind) {
  EXPECT_EQ(*TargetOf({"10.0.0.1:1", "10.0.0.2:2"}), "ipv4:10.0.0.1:1,10.0.0.2:2");
  EXPECT_FALSE(TargetOf({}).ok());
  EXPECT_FALSE(TargetOf({"10.0.0.1:1", "name:2"}).ok());
  EXPECT_FALSE(TargetOf({"one:1", "two:2"}).ok());
  EXPECT_FALSE(TargetOf({"10.0.0.1:1", ""}).ok());
}

// The methods that an entry of the service config names.
std::string NamesOf(const json& entry) {
  std::string names;
  for (const json& name : entry["name"]) names += name["method"].get<std::string>() + " ";
  return names;
}

TEST(ServiceConfigTest, RetriesReadsOnly) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "saas.v1.ContactService");
  ServiceConfigOptions options;
  options.call_time_max = milliseconds(1500);
  options.round_robin = true;
  options.health_checks = true;
  const json config = json::parse(ServiceConfigJson(options, {service}));
  ASSERT_EQ(config["methodConfig"].size(), 4u);
  const json& rest = config["methodConfig"][0];
  EXPECT_EQ(rest["timeout"], "1.500s");
  EXPECT_FALSE(rest.contains("retryPolicy"));
  const json& reads = config["methodConfig"][1];
  EXPECT_EQ(reads["timeout"], "1.500s");
  EXPECT_EQ(reads["retryPolicy"]["retryableStatusCodes"],
            json::array({"UNAVAILABLE", "CANCELLED"}));
  EXPECT_EQ(NamesOf(reads), "GetContact ListContacts BatchGetContacts AggregateContacts ");
  // A stream takes as long as its rows need.
  const json& exports = config["methodConfig"][2];
  EXPECT_EQ(NamesOf(exports), "ExportContacts ");
  EXPECT_TRUE(exports.contains("retryPolicy"));
  EXPECT_FALSE(exports.contains("timeout"));
  const json& imports = config["methodConfig"][3];
  EXPECT_EQ(NamesOf(imports), "ImportContacts ");
  EXPECT_FALSE(imports.contains("retryPolicy"));
  EXPECT_FALSE(imports.contains("timeout"));
  EXPECT_TRUE(config["loadBalancingConfig"][0].contains("round_robin"));
  EXPECT_EQ(config["healthCheckConfig"]["serviceName"], "");
}

TEST(ServiceConfigTest, OneAttemptMeansNoRetryAnywhere) {
  ServiceConfigOptions options;
  options.retry.attempts_max = 1;
  EXPECT_EQ(ServiceConfigJson(options, {}), R"({"methodConfig":[]})");
}

TEST(ChannelTest, NamesAServiceThatIsNotLinked) {
  ChannelOptions options;
  options.addresses = {"127.0.0.1:1"};
  options.services = {"no.such.Service"};
  EXPECT_THAT(std::string(MakeChannel(options).status().message()), HasSubstr("no.such.Service"));
}

TEST(ChannelTest, StampsTheCallerOnEveryCall) {
  FakeServer server;
  server.Answer("ContactService/GetContact", "{}");
  ChannelOptions options;
  options.caller = {kTenant, "ada", "support"};
  const auto channel = ChannelTo(server, options);
  grpc::ClientContext context;
  ASSERT_TRUE(Invoke(channel, kGet, context).ok());
  auto call = server.last_call();
  EXPECT_EQ(call.metadata.find("x-tenant-id")->second, kTenant);
  EXPECT_EQ(call.metadata.find("x-user-id")->second, "ada");
  EXPECT_EQ(call.metadata.find("x-user-role")->second, "support");
  EXPECT_EQ(call.metadata.find("x-request-id")->second.size(), 32u);
  EXPECT_FALSE(call.has_deadline);
}

TEST(ChannelTest, ACallWithoutADeadlineEndsAllTheSame) {
  FakeServer server;
  server.On("ContactService/GetContact",
            [](const auto&, auto&, grpc::GenericCallbackServerContext&) {
              std::this_thread::sleep_for(milliseconds(300));
              return grpc::Status();
            });
  ChannelOptions options;
  options.call_time_max = milliseconds(50);
  const auto channel = ChannelTo(server, options);
  grpc::ClientContext context;
  EXPECT_EQ(Invoke(channel, kGet, context).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(ChannelTest, TheServerIsToldADeadlineOfTheContext) {
  FakeServer server;
  server.Answer("ContactService/GetContact", "{}");
  const auto channel = ChannelTo(server);
  const auto context = NewContext({kTenant, "", ""}, milliseconds(5000));
  ASSERT_TRUE(Invoke(channel, kGet, *context).ok());
  EXPECT_TRUE(server.last_call().has_deadline);
  EXPECT_EQ(server.last_call().metadata.find("x-tenant-id")->second, kTenant);
}

TEST(ChannelTest, TheCallsOwnHeadersWin) {
  FakeServer server;
  server.Answer("ContactService/GetContact", "{}");
  ChannelOptions options;
  options.caller = {kTenant, "", ""};
  const auto channel = ChannelTo(server, options);
  grpc::ClientContext context;
  Stamp({"another", "", ""}, context);
  ASSERT_TRUE(Invoke(channel, kGet, context).ok());
  EXPECT_EQ(server.last_call().metadata.count("x-tenant-id"), 1u);
  EXPECT_EQ(server.last_call().metadata.find("x-tenant-id")->second, "another");
}

TEST(ChannelTest, ReadsAreRetriedAndWritesAreNot) {
  FakeServer server;
  const auto fail_twice = [](int& count) {
    return [&count](const auto&, auto&, grpc::GenericCallbackServerContext&) {
      return ++count <= 2 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "moving") : grpc::Status();
    };
  };
  int reads = 0;
  int writes = 0;
  server.On("ContactService/GetContact", fail_twice(reads));
  server.On("ContactService/CreateContact", fail_twice(writes));
  const auto channel = ChannelTo(server);
  grpc::ClientContext read;
  EXPECT_TRUE(Invoke(channel, kGet, read).ok());
  EXPECT_EQ(reads, 3);
  grpc::ClientContext write;
  EXPECT_EQ(Invoke(channel, kCreate, write).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(writes, 1);
}

TEST(ChannelTest, SeveralServersShareTheCallsAndStandInForEachOther) {
  FakeServer one;
  auto other = std::make_unique<FakeServer>();
  one.Answer("ContactService/GetContact", "{}");
  other->Answer("ContactService/GetContact", "{}");
  ChannelOptions options;
  options.addresses = {one.address(), other->address()};
  options.services = {"saas.v1.ContactService"};
  const auto channel = *MakeChannel(options);
  const auto read = [&] {
    const auto context = NewContext({}, milliseconds(5000));
    return Invoke(channel, kGet, *context);
  };
  // The second server may still be connecting when the first calls go out.
  for (int i = 0; i < 1000 && (one.calls().empty() || other->calls().empty()); ++i) {
    ASSERT_TRUE(read().ok());
  }
  EXPECT_FALSE(one.calls().empty());
  EXPECT_FALSE(other->calls().empty());
  other.reset();
  for (int i = 0; i < 20; ++i) {
    const grpc::Status status = read();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
}

TEST(ChannelTest, AnUnreachableServerIsUnavailableAtOnce) {
  ChannelOptions options;
  options.addresses = {"127.0.0.1:1"};
  const auto channel = MakeChannel(options);
  ASSERT_TRUE(channel.ok());
  grpc::ClientContext context;
  EXPECT_EQ(Invoke(*channel, kGet, context).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(WriteTest, IsSentAgainOnlyWhenTheServerInvitesTo) {
  FakeServer server;
  int calls = 0;
  std::string pushback = "5";
  server.On("ContactService/CreateContact",
            [&](const auto&, auto&, grpc::GenericCallbackServerContext& context) {
              if (++calls > 1) return grpc::Status();
              if (!pushback.empty())
                context.AddTrailingMetadata("grpc-retry-pushback-ms", pushback);
              return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full");
            });
  const auto channel = ChannelTo(server);
  const auto create = [&](grpc::ClientContext& context) {
    return Invoke(channel, kCreate, context);
  };
  EXPECT_TRUE(Write({}, create).ok());
  EXPECT_EQ(calls, 2);
  for (const char* declined : {"", "-1", "60000", "soon"}) {
    calls = 0;
    pushback = declined;
    EXPECT_FALSE(Write({}, create).ok()) << declined;
    EXPECT_EQ(calls, 1) << declined;
  }
}

// The server does it once.
TEST(WriteTest, WithARequestIdItIsSentAgainOnAGuess) {
  FakeServer server;
  grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE;
  std::vector<std::string> ids;
  server.On("ContactService/CreateContact",
            [&](const auto&, auto&, grpc::GenericCallbackServerContext&) {
              return ids.size() < 3 ? grpc::Status(code, "OUTCOME_UNKNOWN") : grpc::Status();
            });
  const auto channel = ChannelTo(server);
  saas::v1::CreateContactRequest request;
  const auto create = [&](grpc::ClientContext& context) {
    ids.push_back(request.request_id());
    return Invoke(channel, kCreate, context);
  };
  EXPECT_TRUE(WriteOnce({}, request, create).ok());
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0].size(), 36u);
  EXPECT_EQ(ids, std::vector<std::string>(3, ids[0]));

  ids.clear();
  WriteOptions twice;
  twice.attempts_max = 2;
  EXPECT_EQ(WriteOnce(twice, request, create).error_code(), code);
  EXPECT_EQ(ids.size(), 2u);
  ids.clear();
  code = grpc::StatusCode::INVALID_ARGUMENT;
  EXPECT_EQ(WriteOnce({}, request, create).error_code(), code);
  EXPECT_EQ(ids.size(), 1u);

  saas::v1::GetContactRequest read;
  EXPECT_FALSE(NameRequest(read));
}

TEST(WriteTest, AnAnswerIsFinal) {
  FakeServer server;
  int calls = 0;
  server.On("ContactService/CreateContact",
            [&](const auto&, auto&, grpc::GenericCallbackServerContext& context) {
              ++calls;
              context.AddTrailingMetadata("grpc-retry-pushback-ms", "1");
              return grpc::Status(grpc::StatusCode::ALREADY_EXISTS, "taken");
            });
  const auto channel = ChannelTo(server);
  WriteOptions options;
  options.caller.tenant_id = kTenant;
  const grpc::Status status = Write(
      options, [&](grpc::ClientContext& context) { return Invoke(channel, kCreate, context); });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(server.last_call().metadata.find("x-tenant-id")->second, kTenant);
}

TEST(ErrorTest, DecodesDetails) {
  google::rpc::ErrorInfo info;
  info.set_reason("UNIQUE_VIOLATION");
  info.set_domain("tenantry");
  (*info.mutable_metadata())["table"] = "contacts";
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field("contact.email");
  violation->set_description("is taken");
  const Error error = DecodeError(
      testing::StatusWith(grpc::StatusCode::ALREADY_EXISTS, "taken", info, bad_request));
  EXPECT_EQ(error.code, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(error.reason, "UNIQUE_VIOLATION");
  EXPECT_EQ(error.domain, "tenantry");
  EXPECT_EQ(error.metadata.at("table"), "contacts");
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(ToString(error), "ALREADY_EXISTS (UNIQUE_VIOLATION): taken [contact.email: is taken]");
}

TEST(ErrorTest, DetailsThatAreNotUnderstoodAreLeftOut) {
  const Error error = DecodeError(grpc::Status(grpc::StatusCode::INTERNAL, "oh", "\xff\xff\xff"));
  EXPECT_EQ(error.reason, "");
  EXPECT_EQ(ToString(error), "INTERNAL: oh");
}

TEST(CallerTest, RequestIdsDiffer) { EXPECT_NE(NewRequestId(), NewRequestId()); }

}  // namespace
}  // namespace tenantry::client
