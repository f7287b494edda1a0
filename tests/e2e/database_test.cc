// A database that changes under a running server: for the better, for the worse, and back.

#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "httplib.h"
#include "server/migrate/apply.h"
#include "server/migrate/bootstrap.h"
#include "server/migrate/generate.h"
#include "server/migrate/guard.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;
using test::TestServer;

constexpr auto kServing = health::HealthCheckResponse::SERVING;
constexpr auto kNotServing = health::HealthCheckResponse::NOT_SERVING;

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    server_.emplace(TestServer::Options{.configure = [](Config& config) {
      config.guard_interval_ms = 100;
      config.reconnect_backoff_ms_max = 100;
    }});
    tenant_ = server_->NewTenant();
  }

  CallResult Call(std::string_view rpc, std::string_view text = "") {
    const schema::Method& method = testing::MethodNamed(server_->schema(), rpc);
    return server_->client().Call(method, *testing::MakeRequest(method, text),
                                  {.headers = As(tenant_), .timeout = absl::Seconds(20)});
  }
  // Every connection of the server's is a new one after this.
  void Disconnect() {
    server_->database().Execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app' "
        "AND datname = current_database()");
  }
  std::string Http(const char* path, int* status = nullptr) {
    httplib::Client http("http://" + server_->server().metrics_address());
    const auto response = http.Get(path);
    if (status != nullptr) *status = response ? response->status : 0;
    return response ? response->body : "";
  }

  std::optional<TestServer> server_;
  std::string tenant_;
};

TEST_F(DatabaseTest, AnExtensionIsNoReasonToStop) {
  ASSERT_THAT(Call("ListContacts"), IsOk());
  server_->database().Execute("CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pg_trgm");
  Disconnect();
  EXPECT_TRUE(test::Eventually([this] { return Call("ListContacts").ok(); }));
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }"), IsOk());
  EXPECT_THAT(Call("ListContacts"), IsOk());
}

TEST_F(DatabaseTest, AMigrationThatComesBeforeTheServersIsNoReasonToStop) {
  ASSERT_THAT(Call("ListContacts"), IsOk());
  server_->database().Execute(
      "ALTER TABLE saas.contacts ALTER phone TYPE varchar(80), ALTER name DROP NOT NULL,"
      " ADD nickname text, ADD visits int NOT NULL DEFAULT 0;"
      "ALTER TYPE saas.contact_type ADD VALUE 'robot'");
  Disconnect();
  EXPECT_TRUE(test::Eventually([this] { return Call("ListContacts").ok(); }));
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }"), IsOk());
  EXPECT_THAT(Call("ListContacts"), IsOk());
}

TEST_F(DatabaseTest, OneThatTurnsUnsafeGetsNoCallAndEverybodyIsToldWhy) {
  ASSERT_THAT(Call("ListContacts"), IsOk());
  int status = 0;
  Http("/readyz", &status);
  EXPECT_EQ(status, 200);

  // No connection is lost: the guard looks by itself.
  server_->database().Execute("ALTER TABLE saas.orders DISABLE ROW LEVEL SECURITY");
  EXPECT_TRUE(test::Eventually([this] { return !server_->server().ready(); }));
  EXPECT_THAT(Call("ListContacts"), FailsBecause(StatusCode::UNAVAILABLE, "DATABASE_UNSAFE"));
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }"),
              FailsBecause(StatusCode::UNAVAILABLE, "DATABASE_UNSAFE"));
  EXPECT_EQ(CheckHealth(*server_->client().channel(), ""), kNotServing);
  EXPECT_THAT(Http("/readyz", &status),
              ::testing::HasSubstr("row-level security is disabled on saas.orders"));
  EXPECT_EQ(status, 503);
  const std::string metrics = Http("/metrics");
  EXPECT_THAT(metrics, ::testing::HasSubstr("tenantry_ready 0\n"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("tenantry_database_unsafe 1\n"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("tenantry_database_reachable 1\n"));

  server_->database().Execute("ALTER TABLE saas.orders ENABLE ROW LEVEL SECURITY");
  EXPECT_TRUE(test::Eventually([this] { return server_->server().ready(); }));
  EXPECT_EQ(CheckHealth(*server_->client().channel(), ""), kServing);
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }"), IsOk());
  EXPECT_THAT(Http("/metrics"), ::testing::HasSubstr("tenantry_database_unsafe 0\n"));
}

// The API's names stay; the database's have the prefix.
TEST(RolePrefixTest, CallersNameRolesWithoutIt) {
  dev::PrivatePostgresOptions private_options;
  private_options.durable = false;
  auto cluster = dev::PrivatePostgres::Start(private_options);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const schema::Schema& schema = test::SharedSchema(test::Which::kSaas);
  {
    pqxx::connection connection((*cluster)->SuperuserUrl());
    pqxx::nontransaction(connection).exec("CREATE ROLE admin SUPERUSER LOGIN; CREATE ROLE support");
  }
  migrate::BootstrapOptions bootstrap;
  bootstrap.database_url = (*cluster)->SuperuserUrl();
  bootstrap.role_prefix = "crm_";
  ASSERT_TRUE(migrate::Bootstrap(bootstrap).ok());
  migrate::MigrateOptions migrate;
  migrate.database_url = (*cluster)->Url("crm_tenantry_owner", "postgres");
  migrate.migrations_dir = (*cluster)->socket_dir() + "/migrations";
  migrate.role_prefix = "crm_";
  ASSERT_TRUE(
      migrate::Generate(schema, {.directory = migrate.migrations_dir, .role_prefix = "crm_"}).ok());
  ASSERT_TRUE(migrate::Migrate(migrate).ok());

  Config config;
  config.database_url = (*cluster)->Url("crm_tenantry_app", "postgres");
  config.listen = {"127.0.0.1:0"};
  config.metrics_listen = "";
  config.role_prefix = "crm_";
  migrate::DatabaseGuard guard(schema, config.role_prefix);
  auto server =
      serve::Server::Start(config, test::FreshSchema(test::Which::kSaas),
                           [&](pqxx::connection& connection) { return guard.Verify(connection); });
  ASSERT_TRUE(server.ok()) << server.status();
  const test::DynamicClient client(
      grpc::CreateChannel((*server)->addresses()[0], grpc::InsecureChannelCredentials()), schema);
  const std::string tenant = test::NewTenantId();
  {
    pqxx::connection connection((*cluster)->SuperuserUrl());
    pqxx::nontransaction(connection)
        .exec(
            absl::StrCat("INSERT INTO saas.organizations (id, name) VALUES ('", tenant, "', 'x')"));
  }
  for (const char* role : {"authenticated", "support", "admin"}) {
    EXPECT_THAT(client.Call("CreateContact", "contact { name: 'Ada' }", As(tenant, role)), IsOk())
        << role;
  }
  EXPECT_THAT(client.Call("ListContacts", "", As(tenant, "crm_admin")),
              FailsBecause(StatusCode::UNAUTHENTICATED, "ROLE_UNKNOWN"));
}

}  // namespace
}  // namespace tenantry::e2e
