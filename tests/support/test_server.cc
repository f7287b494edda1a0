#include "tests/support/test_server.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "server/base/ids.h"
#include "server/base/log.h"
#include "server/migrate/guard.h"

namespace tenantry::test {
namespace {

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "test server: %s\n", why.c_str());
  std::exit(1);
}

// Where the schema is, and the bodies of its functions.
schema::Source SourceOf(Which which) {
  switch (which) {
    case Which::kSaas:
      return {SourcePath("proto"), SourcePath("sql/functions")};
    case Which::kExamples:
      return {SourcePath("tests/support/examples"), SourcePath("tests/support/examples/functions")};
    case Which::kLedger:
      return {SourcePath("tests/support/schemas")};
  }
  return {};
}

// Tests provoke hundreds of errors. TENANTRY_TEST_LOG=info shows them.
void QuietLog() {
  const char* wanted = std::getenv("TENANTRY_TEST_LOG");
  static const bool once = [wanted] {
    StartLog(ParseLogLevel(wanted ? wanted : "off").value_or(LogLevel::kOff), LogFormat::kLogfmt);
    return true;
  }();
  (void)once;
}

}  // namespace

std::unique_ptr<const schema::Schema> FreshSchema(Which which) {
  auto schema = schema::Schema::Load(SourceOf(which));
  if (!schema.ok()) Die(schema.status().ToString());
  return *std::move(schema);
}

const schema::Schema& SharedSchema(Which which) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto& loaded = *new std::map<Which, std::unique_ptr<const schema::Schema>>;
  absl::MutexLock lock(&mutex);
  std::unique_ptr<const schema::Schema>& schema = loaded[which];
  if (schema == nullptr) schema = FreshSchema(which);
  return *schema;
}

serve::Guard GuardOf(const schema::Schema& schema) {
  auto guard = std::make_shared<migrate::DatabaseGuard>(schema);
  return [guard](pqxx::connection& connection) { return guard->Verify(connection); };
}

Config TestConfig(const Database& database) {
  Config config;
  config.database_url = database.app_url();
  config.listen = {"127.0.0.1:0"};
  config.threads = 2;  // on any machine, more than one completion queue
  config.metrics_listen = "127.0.0.1:0";
  config.log_level = "error";
  // That the machine is busy is no fault of the server.
  config.queue_wait_ms_max = 60'000;
  return config;
}

TestServer::TestServer(Options& options, Unstarted)
    : which_(options.schema), database_(std::move(options.database)) {
  QuietLog();
  if (!database_) database_ = CreateDatabase(SharedSchema(which_));
}

TestServer::TestServer(Options options) : TestServer(options, Unstarted{}) {
  absl::Status status = Start(options);
  if (!status.ok()) Die(status.ToString());
}

TestServer::~TestServer() {
  client_.reset();
  server_.reset();
}

absl::StatusOr<std::unique_ptr<TestServer>> TestServer::TryStart(Options options) {
  std::unique_ptr<TestServer> server(new TestServer(options, Unstarted{}));
  absl::Status status = server->Start(options);
  if (!status.ok()) return status;
  return server;
}

absl::Status TestServer::Start(const Options& options) {
  Config config = TestConfig(*database_);
  if (options.configure) options.configure(config);
  serve::Guard guard = options.guarded ? GuardOf(schema()) : serve::Guard();
  auto server =
      serve::Server::Start(config, FreshSchema(which_), std::move(guard), options.add_methods);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  client_ = std::make_unique<DynamicClient>(NewChannel(), schema());
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> TestServer::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
}

std::string TestServer::NewTenant(const std::string& name) {
  std::string tenant = NewTenantId();
  InsertTenant(*database_, schema(), tenant, name);
  return tenant;
}

std::string NewTenantId() {
  static IdGenerator ids;
  return FormatUuid(ids.UuidV7());
}

bool Eventually(const std::function<bool()>& condition, absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

}  // namespace tenantry::test
