// What operators and generic clients see: metrics, health, reflection, the session.

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "httplib.h"
#include "tenantry/v1/session.pb.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

namespace reflection = grpc::reflection::v1;

std::string HttpGet(const std::string& path, int* status = nullptr) {
  httplib::Client http("http://" + Saas().server().metrics_address());
  const auto response = http.Get(path.c_str());
  if (status != nullptr) *status = response ? response->status : 0;
  return response ? response->body : "";
}

// The value on the line that begins with this name and these labels; -1 when there is none.
double Metric(const std::string& text, const std::string& line_start) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, line_start)) continue;
    double value = -1;
    if (absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) return value;
  }
  return -1;
}

TEST(MetricsTest, CountCallsStagesLanesPoolAndPlans) {
  const std::string tenant = Saas().NewTenant();
  const std::string calls =
      "tenantry_calls_total{service=\"saas.v1.ContactService\",method=\"CreateContact\"";
  const std::string before = HttpGet("/metrics");
  for (int i = 0; i < 7; ++i) {
    ASSERT_THAT(Saas().client().Call("CreateContact", "contact { name: 'x' }", As(tenant)), IsOk());
  }
  ASSERT_THAT(Saas().client().Call("CreateContact", "", As(tenant)),
              Fails(grpc::StatusCode::INVALID_ARGUMENT));
  const std::string after = HttpGet("/metrics");
  EXPECT_EQ(Metric(after, calls + ",code=\"OK\"}") -
                std::max(0.0, Metric(before, calls + ",code=\"OK\"}")),
            7)
      << after;
  EXPECT_GE(Metric(after, calls + ",code=\"INVALID_ARGUMENT\"}"), 1);
  for (const char* stage : {"identity", "decode", "plan", "bind", "queue", "database", "encode"}) {
    EXPECT_GE(Metric(after, absl::StrCat("tenantry_stage_seconds_count{stage=\"", stage, "\"}")), 7)
        << stage;
  }
  EXPECT_GE(Metric(after, "tenantry_plan_cache_hits_total"), 7);
  EXPECT_EQ(Metric(after, "tenantry_ready"), 1);
  EXPECT_GE(Metric(after, "tenantry_transactions_total{outcome=\"committed\"}"), 7);
  // A reply goes out before the connection is counted as idle.
  EXPECT_TRUE(test::Eventually([] {
    const std::string now = HttpGet("/metrics");
    return Metric(now, "tenantry_lane_queue_depth") == 0 &&
           Metric(now, "tenantry_pool_connections{state=\"idle\"}") >= 1;
  }));
}

// Several Gets of one caller that wait at the same time become one transaction. Each is answered
// with its own row, and only those that asked for a missing row get NOT_FOUND.
TEST(MetricsTest, SharedTransactionsAreCountedAndAnswerEachGet) {
  const std::string tenant = Saas().NewTenant();
  const schema::Method& get = *test::FindMethod(
      Saas().schema(), *Saas().schema().FindTable("saas.Contact"), v1::METHOD_KIND_GET);
  std::vector<CallResult> contacts;
  for (int i = 0; i < 10; ++i) {
    contacts.push_back(Saas().client().Call(
        "CreateContact", absl::StrCat("contact { name: 'number ", i, "' }"), As(tenant)));
    ASSERT_THAT(contacts.back(), IsOk());
  }
  const MessagePtr unknown = test::Copy(*test::KeyRequest(get, *contacts[0].reply));
  unknown->GetReflection()->SetString(unknown.get(), unknown->GetDescriptor()->field(0),
                                      test::NewTenantId());
  const double before = Metric(HttpGet("/metrics"), "tenantry_transactions_shared_total");
  constexpr int kCalls = 660;
  std::vector<CallResult> results(kCalls);
  absl::BlockingCounter left(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    const MessagePtr request =
        i % 11 < 10 ? test::KeyRequest(get, *contacts[i % 11].reply) : test::Copy(*unknown);
    Saas().client().Start(get, *request, {.headers = As(tenant)}, [&, i](CallResult result) {
      results[i] = std::move(result);
      left.DecrementCount();
    });
  }
  left.Wait();
  for (int i = 0; i < kCalls; ++i) {
    if (i % 11 == 10) {
      EXPECT_THAT(results[i], Fails(grpc::StatusCode::NOT_FOUND));
    } else {
      ASSERT_THAT(results[i], IsOk());
      EXPECT_EQ(results[i].bytes, contacts[i % 11].bytes);
    }
  }
  EXPECT_GT(Metric(HttpGet("/metrics"), "tenantry_transactions_shared_total"), before);
}

TEST(MetricsTest, GaugesSettleAfterALoneCall) {
  const std::string tenant = Saas().NewTenant();
  for (int i = 0; i < 5; ++i) {
    absl::SleepFor(absl::Milliseconds(50));  // the lane rests
    ASSERT_THAT(Saas().client().Call("ListProducts", "", As(tenant)), IsOk());
    EXPECT_TRUE(test::Eventually(
        [] { return Metric(HttpGet("/metrics"), "tenantry_lane_queue_depth") == 0; },
        absl::Seconds(2)))
        << "call " << i;
  }
}

TEST(MetricsTest, PreparedStatementsAreMadeOnce) {
  const std::string tenant = Saas().NewTenant();
  auto list = [&] { EXPECT_THAT(Saas().client().Call("ListProducts", "", As(tenant)), IsOk()); };
  for (int i = 0; i < 50; ++i) list();
  const std::string made = "tenantry_prepared_statements_total{event=\"made\"}";
  const double before = Metric(HttpGet("/metrics"), made);
  for (int i = 0; i < 200; ++i) list();
  // A connection that had not served it yet may prepare it, no more.
  EXPECT_LE(Metric(HttpGet("/metrics"), made), before + 4);
}

TEST(MetricsTest, LivenessAndReadinessAreServed) {
  int status = 0;
  HttpGet("/healthz", &status);
  EXPECT_EQ(status, 200);
  HttpGet("/readyz", &status);
  EXPECT_EQ(status, 200);
  HttpGet("/nothing", &status);
  EXPECT_EQ(status, 404);
}

TEST(HealthTest, KnowsEveryServiceAndNoOther) {
  grpc::Channel& channel = *Saas().client().channel();
  for (const std::string& service : Saas().schema().service_names()) {
    EXPECT_EQ(CheckHealth(channel, service), health::HealthCheckResponse::SERVING) << service;
  }
  EXPECT_EQ(CheckHealth(channel, ""), health::HealthCheckResponse::SERVING);
  EXPECT_EQ(CheckHealth(channel, "no.such.Service"), health::HealthCheckResponse::UNKNOWN);
}

reflection::ServerReflectionResponse Reflect(const reflection::ServerReflectionRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::internal::RpcMethod method(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      grpc::internal::RpcMethod::BIDI_STREAMING);
  using Factory = grpc::internal::ClientReaderWriterFactory<reflection::ServerReflectionRequest,
                                                            reflection::ServerReflectionResponse>;
  std::unique_ptr<grpc::ClientReaderWriter<reflection::ServerReflectionRequest,
                                           reflection::ServerReflectionResponse>>
      stream(Factory::Create(Saas().client().channel().get(), method, &context));
  reflection::ServerReflectionResponse response;
  stream->Write(request);
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  stream->Finish();
  return response;
}

TEST(ReflectionTest, EveryServiceCanBeBuiltFromWhatItTells) {
  reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  std::set<std::string> services;
  const reflection::ServerReflectionResponse listed = Reflect(request);
  for (const auto& service : listed.list_services_response().service()) {
    services.insert(service.name());
  }
  for (const std::string& service : Saas().schema().service_names()) {
    EXPECT_TRUE(services.contains(service)) << service;
  }
  for (const std::string& service : services) {
    request.set_file_containing_symbol(service);
    std::map<std::string, google::protobuf::FileDescriptorProto> files;
    std::vector<std::string> wanted;
    auto take = [&](const reflection::ServerReflectionResponse& response) {
      for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
        google::protobuf::FileDescriptorProto file;
        ASSERT_TRUE(file.ParseFromString(bytes));
        for (const std::string& dependency : file.dependency()) wanted.push_back(dependency);
        files[file.name()] = file;
      }
    };
    take(Reflect(request));
    while (!wanted.empty()) {
      const std::string name = wanted.back();
      wanted.pop_back();
      if (files.contains(name)) continue;
      reflection::ServerReflectionRequest by_name;
      by_name.set_file_by_filename(name);
      take(Reflect(by_name));
      ASSERT_TRUE(files.contains(name)) << name;
    }
    google::protobuf::DescriptorPool pool;
    std::function<void(const std::string&)> build = [&](const std::string& name) {
      if (pool.FindFileByName(name) != nullptr) return;
      for (const std::string& dependency : files[name].dependency()) build(dependency);
      EXPECT_NE(pool.BuildFile(files[name]), nullptr) << name;
    };
    for (const auto& [name, file] : files) build(name);
    const auto* found = pool.FindServiceByName(service);
    ASSERT_NE(found, nullptr) << service;
    EXPECT_GT(found->method_count(), 0);
  }
}

TEST(SessionTest, IdentityArrivesInTheDatabase) {
  const std::string tenant = test::NewTenantId();
  grpc::ClientContext context;
  for (const auto& [name, value] : As(tenant, "support", "ada\"'\\")) {
    context.AddMetadata(name, value);
  }
  const grpc::internal::RpcMethod method("/tenantry.v1.SessionService/GetSession",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  v1::GetSessionRequest request;
  v1::GetSessionResponse session;
  const grpc::Status status = grpc::internal::BlockingUnaryCall(
      Saas().client().channel().get(), method, &context, request, &session);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(session.tenant_id(), tenant);
  EXPECT_EQ(session.user_id(), "ada\"'\\");
  EXPECT_EQ(session.role(), "support");
}

TEST(UnknownTest, ServicesAndMethodsThatDoNotExistAreUnimplemented) {
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method("/saas.v1.ContactService/DropContacts",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  v1::GetSessionRequest request;
  v1::GetSessionResponse reply;
  const grpc::Status status = grpc::internal::BlockingUnaryCall(Saas().client().channel().get(),
                                                                method, &context, request, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace tenantry::e2e
