// tenantryd as a program: how it starts, tells that it is ready, is watched, and stops.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/command.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/program.h"
#include "tests/e2e/servers.h"
#include "tests/e2e/write_load.h"

namespace tenantry::e2e {
namespace {

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() { test::InsertTenant(*database_, schema_, tenant_); }

  const schema::Schema& schema_ = test::SharedSchema(test::Which::kSaas);
  const std::shared_ptr<test::Database> database_ = test::CreateDatabase(schema_);
  const std::string tenant_ = test::NewTenantId();
};

TEST_F(ProgramTest, SaysWhereItListensOnceItIsReady) {
  Program program(*database_);
  EXPECT_EQ(program.ready()["pid"], program.pid());
  EXPECT_EQ(program.ready()["ready"], true);
  const test::DynamicClient client(program.NewChannel(), schema_);
  EXPECT_THAT(client.Call("CreateContact", "contact { name: 'Ada' }", As(tenant_)), IsOk());
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
}

TEST_F(ProgramTest, LosesNoCallWhenToldToStopUnderLoad) {
  Program program(*database_, {{"TENANTRY_DRAIN_DELAY_MS", "300"}});
  const test::DynamicClient client(program.NewChannel(), schema_);
  WriteLoad load(client, tenant_, 16);
  ASSERT_TRUE(test::Eventually([&] { return load.acknowledged() > 300; }));
  const absl::Time told = absl::Now();
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  load.Stop();
  EXPECT_FALSE(load.FailedBefore(told)) << "a call in flight was lost";
  // Later calls find no server, and gRPC cancels those that were under way when the connection
  // ended. Neither kind has run.
  for (const auto& [failure, count] : load.failures()) {
    EXPECT_THAT(failure, ::testing::AnyOf(::testing::StartsWith("UNAVAILABLE"), "CANCELLED "))
        << count;
  }
  load.Reckon(database_->superuser_url());
}

TEST_F(ProgramTest, AnswersASlowCallBeforeItStops) {
  Program program(*database_);
  const test::DynamicClient client(program.NewChannel(), schema_);
  ASSERT_THAT(client.Call("ListContacts", "", As(tenant_)), IsOk());
  pqxx::connection connection(database_->superuser_url());
  pqxx::work lock(connection);
  lock.exec("LOCK TABLE saas.contacts IN ACCESS EXCLUSIVE MODE");
  CallResult slow;
  std::thread caller(
      [&] { slow = client.Call("CreateContact", "contact { name: 'Slow' }", As(tenant_)); });
  EXPECT_TRUE(test::Eventually([&] {
    return lock.exec("SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0].as<int>() > 0;
  }));
  program.Signal(SIGTERM);
  // Draining has begun when new calls are not taken any more.
  EXPECT_TRUE(test::Eventually([&] {
    return CheckHealth(*program.NewChannel(), "") != health::HealthCheckResponse::SERVING;
  }));
  lock.commit();
  caller.join();
  EXPECT_THAT(slow, IsOk());
  EXPECT_EQ(program.Wait(), 0);
}

TEST_F(ProgramTest, StopsInTimeWhenACallDoesNotEnd) {
  Program program(*database_, {{"TENANTRY_DRAIN_MS_MAX", "500"}});
  const test::DynamicClient client(program.NewChannel(), schema_);
  ASSERT_THAT(client.Call("ListContacts", "", As(tenant_)), IsOk());
  pqxx::connection connection(database_->superuser_url());
  pqxx::work lock(connection);
  lock.exec("LOCK TABLE saas.contacts IN ACCESS EXCLUSIVE MODE");
  CallResult stuck;
  std::thread caller(
      [&] { stuck = client.Call("CreateContact", "contact { name: 'Stuck' }", As(tenant_)); });
  EXPECT_TRUE(test::Eventually([&] {
    return lock.exec("SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0].as<int>() > 0;
  }));
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  caller.join();
  // Nobody knows whether the write happened. The caller must be told that, and not only that the
  // server is gone.
  EXPECT_THAT(stuck, Fails(grpc::StatusCode::UNAVAILABLE));
  EXPECT_EQ(stuck.error.reason, "OUTCOME_UNKNOWN");
}

TEST_F(ProgramTest, RefusesAnUnsafeDatabase) {
  database_->Execute("ALTER TABLE saas.contacts NO FORCE ROW LEVEL SECURITY");
  const test::CommandResult result =
      test::RunCommand({"tenantryd", "serve", "--schema", test::SourcePath("proto"), "--listen",
                        "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--log-level", "error"},
                       {{"TENANTRY_DATABASE_URL", database_->app_url()}});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, ::testing::HasSubstr("contacts"));
}

// One cause and one remedy in one line, the log included.
TEST_F(ProgramTest, RefusesASuperusersUrlInOneLine) {
  const test::CommandResult result =
      test::RunCommand({"tenantryd", "serve", "--schema", test::SourcePath("proto"), "--listen",
                        "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"},
                       {{"TENANTRY_DATABASE_URL", database_->superuser_url()}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "tenantryd: cannot serve: the database is not safe to serve from: login role postgres "
            "is a superuser, for whom row-level security does not hold: serve with the login that "
            "`tenantryd migrate --bootstrap` makes, tenantry_app\n");
}

TEST_F(ProgramTest, ADryRunOfBootstrapAndMigrateTellsAndChangesNothing) {
  const auto empty = test::CreateEmptyDatabase();
  const std::map<std::string, std::string> environment = {
      {"TENANTRY_BOOTSTRAP_DATABASE_URL", empty->superuser_url()},
      {"TENANTRY_OWNER_DATABASE_URL", empty->owner_url()},
      {"TENANTRY_REVOKE_PUBLIC", "true"},
      {"TENANTRY_MIGRATIONS", test::SourcePath("sql/migrations")}};
  test::CommandResult result =
      test::RunCommand({"tenantryd", "migrate", "--bootstrap", "--dry-run"}, environment);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* line :
       {"would create schema tenantry", "from PUBLIC", "not bootstrapped: a dry run",
        "would apply 0001_initial", "pending 0001_initial"}) {
    EXPECT_THAT(result.out, ::testing::HasSubstr(line));
  }
  pqxx::connection connection(empty->superuser_url());
  EXPECT_EQ(pqxx::nontransaction(connection)
                .query_value<int>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('tenantry', "
                                  "'saas')"),
            0);
  result = test::RunCommand({"tenantryd", "migrate", "--bootstrap"}, environment);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  result = test::RunCommand({"tenantryd", "migrate", "--bootstrap", "--dry-run"}, environment);
  EXPECT_THAT(result.out, ::testing::AllOf(::testing::HasSubstr("nothing to bootstrap"),
                                           ::testing::HasSubstr("up to date")));
}

TEST_F(ProgramTest, SharesNoAddressWithAnotherServer) {
  Program program(*database_);
  auto serve = [&](const std::string& listen, const std::string& metrics_listen) {
    return test::RunCommand(
        {"tenantryd", "serve", "--schema", test::SourcePath("proto"), "--listen", listen,
         "--metrics-listen", metrics_listen, "--log-level", "error"},
        {{"TENANTRY_DATABASE_URL", database_->app_url()}});
  };
  const test::CommandResult grpc = serve(program.address(), "127.0.0.1:0");
  EXPECT_NE(grpc.exit_code, 0);
  EXPECT_THAT(grpc.err, ::testing::AllOf(
                            ::testing::HasSubstr("--listen: cannot listen on " + program.address()),
                            ::testing::HasSubstr("another process listens there")));
  const test::CommandResult http = serve("127.0.0.1:0", program.metrics_address());
  EXPECT_NE(http.exit_code, 0);
  EXPECT_THAT(http.err, ::testing::HasSubstr("--metrics-listen: cannot listen on " +
                                             program.metrics_address()));
}

TEST(HelpTest, NamesEverySettingOfTheServer) {
  const test::CommandResult help = test::RunCommand({"tenantryd", "serve", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, ::testing::HasSubstr("TENANTRY_<NAME>"));
  for (const Setting& setting : Settings()) {
    if (setting.group == "Migration") continue;
    EXPECT_THAT(help.out, ::testing::HasSubstr(absl::StrCat("--", std::string(setting.name), " ")));
    EXPECT_THAT(help.out, ::testing::HasSubstr(std::string(setting.doc)));
  }
}

TEST(HelpTest, WrongSettingsAreAllNamedWithTheirSource) {
  const test::CommandResult result =
      test::RunCommand({"tenantryd", "serve", "--lanes", "0"},
                       {{"TENANTRY_LOG_LEVEL", "loud"}, {"TENANTRY_QUEUE_MAX", "many"}});
  EXPECT_NE(result.exit_code, 0);
  for (const char* name : {"lanes", "LOG_LEVEL", "QUEUE_MAX"}) {
    EXPECT_THAT(result.err, ::testing::HasSubstr(name));
  }
}

// Resident memory of a process, in bytes.
std::size_t ResidentBytes(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/statm"));
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(ProgramTest, GivesMemoryBackAfterAPeak) {
  Program program(*database_);
  const schema::Method& method = testing::MethodNamed(schema_, "CreateContact");
  // Requests as large as they may be, refused before the database is asked.
  const MessagePtr request =
      testing::MakeRequest(method, "contact { notes: '" + std::string(4'000'000, 'n') + "' }");
  std::vector<std::unique_ptr<test::DynamicClient>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<test::DynamicClient>(program.NewChannel(), schema_));
    ASSERT_FALSE(clients.back()->Call("CreateContact", "", As(tenant_)).ok());
  }
  const std::size_t before = ResidentBytes(program.pid());
  std::size_t peak = 0;
  for (int round = 0; round < 4; ++round) {
    std::atomic<int> running{0};
    for (const auto& client : clients) {
      for (int i = 0; i < 4; ++i) {
        ++running;
        client->Start(method, *request, {.headers = As(tenant_)}, [&](CallResult result) {
          EXPECT_EQ(result.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
          --running;
        });
      }
    }
    while (running > 0) {
      peak = std::max(peak, ResidentBytes(program.pid()));
      absl::SleepFor(absl::Milliseconds(2));
    }
  }
  ASSERT_GT(peak, before + (48 << 20)) << "there was a peak";
  clients.clear();  // gRPC holds buffers for the next read of each connection
  // Nobody calls: nothing but the allocator itself can give the memory back.
  EXPECT_TRUE(test::Eventually([&] {
    return ResidentBytes(program.pid()) < before + (peak - before) / 4;
  })) << "before "
      << before << ", peak " << peak << ", after " << ResidentBytes(program.pid());
  std::printf("before %zu MB, peak %zu MB, after %zu MB\n", before >> 20, peak >> 20,
              ResidentBytes(program.pid()) >> 20);
}

}  // namespace
}  // namespace tenantry::e2e
