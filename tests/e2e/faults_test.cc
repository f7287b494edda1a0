// Databases that are late, away, killed, blocked or overrun.

#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "tests/e2e/health_client.h"
#include "tests/e2e/servers.h"
#include "tests/e2e/write_load.h"

namespace tenantry::e2e {
namespace {

using dev::PrivatePostgres;
using grpc::StatusCode;
using test::TestServer;

constexpr auto kServing = health::HealthCheckResponse::SERVING;
constexpr auto kNotServing = health::HealthCheckResponse::NOT_SERVING;

class FaultsTest : public ::testing::Test {
 protected:
  FaultsTest() {
    // fsync stays off: a killed server loses nothing that it has written.
    database_->Execute(
        absl::StrCat("ALTER DATABASE ", database_->name(), " SET synchronous_commit = on"));
  }
  ~FaultsTest() override {
    if (!test::Postgres().running()) {
      EXPECT_TRUE(test::Postgres().StartAgain().ok());
    }
  }

  TestServer& Start(std::function<void(Config&)> configure = nullptr) {
    server_.emplace(TestServer::Options{.database = database_, .configure = std::move(configure)});
    return *server_;
  }

  CallResult Call(std::string_view rpc, std::string_view text,
                  absl::Duration timeout = absl::Seconds(20)) {
    const schema::Method& method = testing::MethodNamed(server_->schema(), rpc);
    return server_->client().Call(method, *testing::MakeRequest(method, text),
                                  {.headers = As(tenant_), .timeout = timeout});
  }
  bool Works() { return Call("ListContacts", "").ok(); }

  // The tenant's row, so that contacts can be made.
  void MakeTenant() { test::InsertTenant(*database_, server_->schema(), tenant_); }

  const std::shared_ptr<test::Database> database_ =
      test::CreateDatabase(test::SharedSchema(test::Which::kSaas));
  std::optional<TestServer> server_;
  const std::string tenant_ = test::NewTenantId();
};

TEST_F(FaultsTest, AServerThatStartsBeforeItsDatabaseServesLater) {
  ASSERT_TRUE(test::Postgres().Stop().ok());
  Start();
  EXPECT_FALSE(server_->server().ready());
  EXPECT_EQ(CheckHealth(*server_->client().channel(), ""), kNotServing);
  EXPECT_THAT(Call("ListContacts", ""),
              FailsBecause(StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE"));
  EXPECT_THAT(Call("ListContacts", "page_size: -1"), ::testing::Not(IsOk()));
  ASSERT_TRUE(test::Postgres().StartAgain().ok());
  EXPECT_TRUE(test::Eventually([this] { return Works(); }));
  EXPECT_TRUE(test::Eventually([this] { return server_->server().ready(); }));
}

TEST_F(FaultsTest, HealthAndCallsFollowTheDatabase) {
  Start();
  MakeTenant();
  ASSERT_TRUE(Works());
  const std::shared_ptr<grpc::Channel> channel = server_->NewChannel();
  HealthWatch watch(channel, "saas.v1.ContactService");
  EXPECT_TRUE(watch.Await(kServing));

  ASSERT_TRUE(test::Postgres().Stop().ok());
  EXPECT_TRUE(watch.Await(kNotServing));
  for (const std::string& service : server_->schema().service_names()) {
    EXPECT_EQ(CheckHealth(*channel, service), kNotServing) << service;
  }
  const absl::Time start = absl::Now();
  EXPECT_THAT(Call("ListContacts", ""), Fails(StatusCode::UNAVAILABLE));
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Ada' }"),
              FailsBecause(StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
  const CallResult hasty = Call("ListContacts", "", absl::Milliseconds(100));
  EXPECT_TRUE(hasty.status.error_code() == StatusCode::UNAVAILABLE ||
              hasty.status.error_code() == StatusCode::DEADLINE_EXCEEDED);

  ASSERT_TRUE(test::Postgres().StartAgain().ok());
  EXPECT_TRUE(test::Eventually([this] { return Works(); }));
  EXPECT_TRUE(watch.Await(kServing));
  EXPECT_EQ(CheckHealth(*channel, ""), kServing);
  EXPECT_EQ(Value(*Call("ListContacts", "").reply, "contacts"), "0");
}

TEST_F(FaultsTest, AKilledDatabaseLosesNoAcknowledgedWrite) {
  Start();
  MakeTenant();
  WriteLoad load(server_->client(), tenant_, 12);
  for (int kill = 0; kill < 2; ++kill) {
    const std::int64_t before = load.acknowledged();
    ASSERT_TRUE(test::Eventually([&] { return load.acknowledged() > before + 200; }));
    ASSERT_TRUE(test::Postgres()
                    .Restart(kill == 0 ? PrivatePostgres::StopMode::kKill
                                       : PrivatePostgres::StopMode::kImmediate)
                    .ok());
  }
  const std::int64_t before = load.acknowledged();
  ASSERT_TRUE(test::Eventually([&] { return load.acknowledged() > before + 200; }))
      << "it recovers by itself";
  load.Stop();
  load.Reckon(database_->superuser_url());
  for (const auto& [failure, count] : load.failures()) {
    EXPECT_THAT(failure, ::testing::StartsWith("UNAVAILABLE")) << count;
  }
}

TEST_F(FaultsTest, TerminatedConnectionsLoseNoAcknowledgedWrite) {
  Start();
  MakeTenant();
  pqxx::connection superuser(database_->superuser_url());
  WriteLoad load(server_->client(), tenant_, 12);
  for (int i = 0; i < 10; ++i) {
    const std::int64_t before = load.acknowledged();
    ASSERT_TRUE(test::Eventually([&] { return load.acknowledged() > before + 40; }));
    pqxx::nontransaction(superuser).exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app'");
  }
  load.Stop();
  load.Reckon(database_->superuser_url());
  for (const auto& [failure, count] : load.failures()) {
    EXPECT_THAT(failure, ::testing::StartsWith("UNAVAILABLE")) << count;
  }
  EXPECT_TRUE(test::Eventually([this] { return Works(); }));
}

// Holds every call that touches contacts.
class Blockade {
 public:
  explicit Blockade(const std::string& url) : connection_(url), work_(connection_) {
    work_.exec("LOCK TABLE saas.contacts IN ACCESS EXCLUSIVE MODE");
  }
  // Statements of calls that wait for it; a new connection's checks may wait, too.
  int held() {
    work_.exec("SELECT pg_stat_clear_snapshot()");
    return work_
        .exec(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND query LIKE '%\"saas\".\"contacts\"%'")[0][0]
        .as<int>();
  }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

TEST_F(FaultsTest, AFullQueueRefusesAtOnce) {
  Start([](Config& config) {
    config.connections_per_lane = 1;
    config.depth_max = 2;
    config.queue_max = 4;
  });
  ASSERT_TRUE(Works());
  std::optional<Blockade> blockade(std::in_place, database_->superuser_url());
  constexpr int kCalls = 40;
  absl::Mutex mutex;
  int refused = 0;
  std::map<std::string, int> outcomes;
  absl::BlockingCounter all(kCalls);
  const schema::Method& list = testing::MethodNamed(server_->schema(), "ListContacts");
  const MessagePtr request = testing::MakeRequest(list, "");
  for (int i = 0; i < kCalls; ++i) {
    server_->client().Start(list, *request, {.headers = As(tenant_)}, [&](CallResult result) {
      {
        absl::MutexLock lock(&mutex);
        refused += result.error.reason == "QUEUE_FULL";
        ++outcomes[absl::StrCat(client::CodeName(result.status.error_code()), " ",
                                result.error.reason)];
      }
      all.DecrementCount();
    });
  }
  // While the others still wait for the lock, which nobody gives them.
  EXPECT_TRUE(test::Eventually(
      [&] {
        absl::MutexLock lock(&mutex);
        return refused >= kCalls - 10;
      },
      absl::Seconds(4)));
  blockade.reset();
  all.Wait();
  EXPECT_GE(outcomes["RESOURCE_EXHAUSTED QUEUE_FULL"], kCalls - 10);
  EXPECT_GE(outcomes["OK "], 1) << "those that were let in are served";
  EXPECT_TRUE(Works());
}

TEST_F(FaultsTest, ADeadlineEndsTheStatementInTheDatabaseToo) {
  Start();
  MakeTenant();
  ASSERT_TRUE(Works());
  Blockade blockade(database_->superuser_url());
  const absl::Time start = absl::Now();
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Late' }", absl::Milliseconds(400)),
              Fails(StatusCode::DEADLINE_EXCEEDED));
  EXPECT_THAT(Call("ListContacts", "", absl::Milliseconds(400)),
              Fails(StatusCode::DEADLINE_EXCEEDED));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_TRUE(test::Eventually([&] { return blockade.held() == 0; }))
      << "nobody waits for an answer, so nobody should wait for the lock";
}

TEST_F(FaultsTest, ALateWriteIsNotDone) {
  Start();
  MakeTenant();
  ASSERT_TRUE(Works());
  {
    Blockade blockade(database_->superuser_url());
    EXPECT_THAT(Call("CreateContact", "contact { name: 'Late' }", absl::Milliseconds(400)),
                Fails(StatusCode::DEADLINE_EXCEEDED));
    EXPECT_TRUE(test::Eventually([&] { return blockade.held() == 0; }));
  }
  EXPECT_EQ(Value(*Call("ListContacts", "").reply, "contacts"), "0");
}

}  // namespace
}  // namespace tenantry::e2e
