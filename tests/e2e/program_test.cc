// tenantryd as a program: how it starts, tells that it is ready, is watched, and stops.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/command.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/servers.h"
#include "tests/e2e/write_load.h"

namespace tenantry::e2e {
namespace {

// A running `tenantryd serve`, configured by its environment alone.
class Program {
 public:
  Program(const test::Database& database, std::map<std::string, std::string> environment = {}) {
    environment.insert({{"TENANTRY_DATABASE_URL", database.app_url()},
                        {"TENANTRY_SCHEMA", test::SourcePath("proto")},
                        {"TENANTRY_LISTEN", "127.0.0.1:0"},
                        {"TENANTRY_METRICS_LISTEN", "127.0.0.1:0"},
                        {"TENANTRY_READY_FILE", ready_file_},
                        {"TENANTRY_LOG_LEVEL", "error"}});
    pid_ = fork();
    if (pid_ == 0) {
      for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
      const char* folder = std::getenv("TENANTRY_BIN_DIR");
      const std::string path = absl::StrCat(folder ? folder : "bin", "/tenantryd");
      std::freopen("/dev/null", "w", stdout);
      execl(path.c_str(), path.c_str(), "serve", nullptr);
      std::perror(path.c_str());
      _exit(127);
    }
    EXPECT_TRUE(test::Eventually([this] { return std::ifstream(ready_file_).good(); }));
    std::ifstream file(ready_file_);
    ready_ = nlohmann::json::parse(file, nullptr, false);
    EXPECT_FALSE(ready_.is_discarded());
  }
  ~Program() {
    if (pid_ > 0 && !exited_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::remove(ready_file_.c_str());
  }

  const nlohmann::json& ready() const { return ready_; }
  pid_t pid() const { return pid_; }
  std::string address() const { return ready_["listening"][0]; }
  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
  }

  void Signal(int number) { kill(pid_, number); }
  // The exit code; nothing when it does not end.
  std::optional<int> Wait() {
    int status = 0;
    exited_ = test::Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; });
    if (!exited_) return std::nullopt;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  const std::string ready_file_ = absl::StrCat(::testing::TempDir(), "/tenantryd-ready-", getpid(),
                                               "-", absl::ToUnixMicros(absl::Now()));
  pid_t pid_ = -1;
  bool exited_ = false;
  nlohmann::json ready_;
};

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

}  // namespace
}  // namespace tenantry::e2e
