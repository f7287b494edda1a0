// Clients that mean harm, against tenantryd in a process of its own. Everything is bounded, in
// number and in time, and stays on the loopback device.

#include <functional>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/security/credentials.h"
#include "httplib.h"
#include "server/base/open_files.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/program.h"
#include "tests/e2e/raw_http2.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMiB = 1 << 20;
constexpr char kCheck[] = "/grpc.health.v1.Health/Check";

// One unary method of each service that speaks bytes in its own way, and a stream.
const char* const kPaths[] = {
    "/saas.v1.ContactService/CreateContact",
    "/tenantry.v1.SessionService/GetSession",
    kCheck,
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

class HostileTest : public ::testing::Test {
 protected:
  HostileTest() {
    RaiseOpenFileLimit();  // this process holds the attackers' connections
    test::InsertTenant(*database_, schema_, tenant_);
  }

  void Start(std::map<std::string, std::string> environment = {}, int open_files_max = 0) {
    program_.emplace(*database_, std::move(environment), open_files_max);
    client_.emplace(program_->NewChannel(), schema_);
    ASSERT_THAT(Create(), IsOk());
  }

  CallResult Create() const {
    return client_->Call("CreateContact", "contact { name: 'Ada' }", As(tenant_));
  }

  int Http(const char* path) const {
    httplib::Client http("http://" + program_->metrics_address());
    http.set_read_timeout(5);
    const auto response = http.Get(path);
    return response ? response->status : 0;
  }

  bool ServesNewClients() const {
    const test::DynamicClient client(program_->NewChannel(), schema_);
    return client.Call("CreateContact", "contact { name: 'New' }", As(tenant_)).ok() &&
           CheckHealth(*program_->NewChannel(), "") == health::HealthCheckResponse::SERVING &&
           Http("/healthz") == 200 && Http("/readyz") == 200;
  }

  // Sends the message with its encoding and returns the raw answer.
  std::string Ask(const std::string& path, const http2::Headers& encoding,
                  const std::string& message) const {
    RawConnection connection(program_->address());
    http2::Headers headers = encoding;
    for (const auto& header : As(tenant_)) headers.push_back(header);
    connection.Send(http2::Hello() + http2::Call(1, path, headers, message));
    const std::string answer = connection.Receive("grpc-status", absl::Seconds(20));
    return answer + connection.Receive("", absl::Milliseconds(300));  // the status itself
  }

  grpc::Status CallCompressed(const std::string& path, std::size_t bytes) const {
    grpc::ChannelArguments arguments;
    arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(program_->address(),
                                                   grpc::InsecureChannelCredentials(), arguments);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    for (const auto& [name, value] : As(tenant_)) context.AddMetadata(name, value);
    const grpc::Slice slice(std::string(bytes, '\0'));
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer reply;
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                           channel);
    return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel.get(), method, &context, request, &reply);
  }

  const schema::Schema& schema_ = test::SharedSchema(test::Which::kSaas);
  const std::shared_ptr<test::Database> database_ = test::CreateDatabase(schema_);
  const std::string tenant_ = test::NewTenantId();
  std::optional<Program> program_;
  std::optional<test::DynamicClient> client_;
};

TEST_F(HostileTest, CompressedRequestsAreRefusedByEveryServiceAndNeverUnpacked) {
  Start();
  for (const char* path : kPaths) {
    // 32 MiB of zeros are 32 KiB on the wire.
    const grpc::Status status = CallCompressed(path, 32 * kMiB);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << path;
    EXPECT_THAT(status.error_message(), HasSubstr("ompress")) << path;
  }
  EXPECT_LT(program_->PeakRssBytes(), 128 * kMiB);
  EXPECT_THAT(Create(), IsOk());
}

// An unknown algorithm, none at all, and one that is known: the flag of the message counts.
TEST_F(HostileTest, CompressedBytesAreNeverTakenForTheMessage) {
  Start();
  for (const char* path : kPaths) {
    for (const http2::Headers& encoding :
         {http2::Headers{{"grpc-encoding", "zstd"}}, http2::Headers{},
          http2::Headers{{"grpc-encoding", "deflate"}}}) {
      const std::string answer = Ask(path, encoding, http2::Message(true, ""));
      EXPECT_THAT(answer, HasSubstr(std::string("\x0bgrpc-status\x02") + "12"))
          << path << " " << ::testing::PrintToString(encoding);
    }
  }
}

TEST_F(HostileTest, RepliesSayThatNoEncodingIsAccepted) {
  Start();
  const std::string answer = Ask(kCheck, {}, http2::Message(false, ""));
  EXPECT_THAT(answer, HasSubstr("grpc-accept-encoding"));
  EXPECT_THAT(answer, HasSubstr("identity"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("gzip")));
}

TEST_F(HostileTest, ServesAgainAfterMoreConnectionsThanItMayHaveFiles) {
  Start({}, 256);
  for (int round = 0; round < 3; ++round) {
    std::vector<RawConnection> flood;
    for (int i = 0; i < 1000; ++i) flood.emplace_back(program_->address());
    EXPECT_THAT(Create(), IsOk()) << "a client that is connected is not harmed";
    EXPECT_EQ(Http("/healthz"), 200) << "a full server need not be restarted";
    EXPECT_TRUE(flood.back().Closed(absl::Seconds(10))) << "too many are told so";
  }
  EXPECT_TRUE(test::Eventually([this] { return ServesNewClients(); }));
}

TEST_F(HostileTest, ConnectionsMaxBoundsClientsAndNothingElse) {
  Start({{"TENANTRY_CONNECTIONS_MAX", "20"}});
  std::vector<RawConnection> flood;
  for (int i = 0; i < 1000; ++i) flood.emplace_back(program_->address());
  EXPECT_TRUE(flood.back().Closed(absl::Seconds(10)));
  EXPECT_THAT(Create(), IsOk());
  flood.clear();
  EXPECT_TRUE(test::Eventually([this] { return ServesNewClients(); }));
}

TEST_F(HostileTest, ConnectionsThatSayNothingAreEnded) {
  Start({{"TENANTRY_HANDSHAKE_TIMEOUT_MS", "500"}});
  RawConnection silent(program_->address());
  RawConnection slow(program_->address());
  slow.Send(http2::kPreface.substr(0, 10));
  EXPECT_TRUE(silent.Closed(absl::Seconds(20)));
  EXPECT_TRUE(slow.Closed(absl::Seconds(20)));
}

// gRPC goes by the limit once the client has said that it knows it (RFC 9113, 6.5.3), and by its
// own of 16 MiB before.
TEST_F(HostileTest, TooMuchMetadataIsRefused) {
  constexpr std::uint8_t kAck = 1;
  Start({{"TENANTRY_METADATA_BYTES_MAX", "2048"}});
  RawConnection connection(program_->address());
  connection.Send(http2::Hello());
  connection.Receive("", absl::Milliseconds(500));  // the server's settings
  connection.Send(
      http2::Frame(http2::kSettings, kAck, 0, "") +
      http2::Call(1, kCheck, {{"x-much", std::string(3000, 'x')}}, http2::Message(false, "")));
  std::string answer = connection.Receive("grpc-status", absl::Seconds(20));
  answer += connection.Receive("", absl::Milliseconds(300));  // the status itself
  EXPECT_THAT(answer, HasSubstr(std::string("grpc-status\x01") + "8"));
}

// All attacks at once.

// Runs attacks, each again and again until the time is over.
class Battery {
 public:
  ~Battery() { Stop(); }

  void Add(std::function<void()> attack) {
    threads_.emplace_back([this, attack = std::move(attack)] {
      while (!over_.HasBeenNotified()) {
        attack();
        over_.WaitForNotificationWithTimeout(absl::Milliseconds(20));
      }
    });
  }
  void Stop() {
    if (!over_.HasBeenNotified()) over_.Notify();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  absl::Notification over_;
  std::vector<std::thread> threads_;
};

// Many connections that each send one byte of `text` at a time.
void Drip(const std::string& address, int connections, std::string_view text) {
  std::vector<RawConnection> slow;
  for (int i = 0; i < connections; ++i) slow.emplace_back(address);
  for (char byte : text) {
    for (RawConnection& connection : slow) connection.Send({&byte, 1});
    absl::SleepFor(absl::Milliseconds(30));
  }
}

void HalfOpen(const std::string& address, int connections) {
  std::vector<RawConnection> silent;
  for (int i = 0; i < connections; ++i) silent.emplace_back(address);
  absl::SleepFor(absl::Milliseconds(200));
}

void HugeHeaders(const std::string& address) {
  RawConnection connection(address);
  const std::string block = http2::Encode(http2::CallHeaders(kCheck)) +
                            http2::Encode({{"x-much", std::string(15'000, 'x')}});
  connection.Send(http2::Hello() + http2::Frame(http2::kHeaders, 0, 1, block));
  for (int i = 0; i < 200; ++i) {  // a header block that does not end
    if (!connection.Send(http2::Frame(http2::kContinuation, 0, 1, block.substr(0, 12'000)))) break;
  }
}

// CVE-2023-44487: calls that are cancelled as soon as they are made.
void RapidReset(const std::string& address, const http2::Headers& caller) {
  RawConnection connection(address);
  connection.Send(http2::Hello());
  const std::string headers = http2::Encode(http2::CallHeaders(kPaths[0], caller));
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t stream = 2 * i + 1;
    if (!connection.Send(http2::Frame(http2::kHeaders, http2::kEndHeaders, stream, headers) +
                         http2::Frame(http2::kReset, 0, stream, std::string(4, '\0')))) {
      return;
    }
  }
}

void ControlFlood(const std::string& address) {
  RawConnection connection(address);
  connection.Send(http2::Hello());
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += http2::Frame(http2::kPing, 0, 0, "12345678");
    frames += http2::Frame(http2::kSettings, 0, 0, "");
  }
  connection.Send(frames);
}

void Garbage(const std::string& address) {
  RawConnection connection(address);
  std::string bytes = http2::Hello();
  for (std::uint32_t i = 0, x = 1; i < 64 * 1024; ++i, x = x * 1664525 + 1013904223) {
    bytes += static_cast<char>(x >> 24);
  }
  connection.Send(bytes);
}

TEST_F(HostileTest, NormalCallsGoOnDuringAllAttacksAtOnce) {
  Start({{"TENANTRY_HANDSHAKE_TIMEOUT_MS", "2000"}}, 512);
  const std::string grpc = program_->address(), http = program_->metrics_address();
  http2::Headers caller;
  for (const auto& header : As(tenant_)) caller.push_back(header);
  Battery battery;
  battery.Add([&] { Drip(grpc, 20, http2::kPreface); });
  battery.Add([&] { Drip(http, 20, "GET /healthz HTTP/1.1\r\nHost: somebody\r\n"); });
  battery.Add([&] { HalfOpen(grpc, 300); });
  battery.Add([&] { HalfOpen(http, 40); });
  battery.Add([&] { HugeHeaders(grpc); });
  battery.Add([&] { RapidReset(grpc, caller); });
  battery.Add([&] { ControlFlood(grpc); });
  battery.Add([&] { Garbage(grpc); });
  battery.Add([&] { CallCompressed(kPaths[0], 16 * kMiB); });
  battery.Add([&] { RawConnection(grpc).Send(std::string(100'000, 'x')); });

  int calls = 0, health_answers = 0;
  const absl::Time until = absl::Now() + absl::Seconds(8);
  while (absl::Now() < until) {
    const CallResult result = Create();
    EXPECT_THAT(result, IsOk());
    ++calls;
    health_answers += Http("/healthz") == 200;
  }
  battery.Stop();
  EXPECT_GT(calls, 5);
  EXPECT_EQ(health_answers, calls);
  EXPECT_TRUE(test::Eventually([this] { return ServesNewClients(); }));
  EXPECT_LT(program_->PeakRssBytes(), 400 * kMiB);
  program_->Signal(SIGTERM);
  EXPECT_EQ(program_->Wait(), 0);
}

}  // namespace
}  // namespace tenantry::e2e
