// Calls on the old server while a migration runs, without a pause. A few kinds of change in every
// run; TENANTRY_MIGRATION_LOAD=all for each.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <pqxx/pqxx>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/migrate/folder.h"
#include "tests/pg/migrate/any_client.h"
#include "tests/pg/migrate/rollout.h"
#include "tests/support/test_server.h"

namespace tenantry::migrate {
namespace {

// Clients of one server that do all they can, again and again.
class Load {
 public:
  Load(const AnyServer& server, const schema::Schema& schema) {
    for (int i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<test::DynamicClient>(server.NewChannel(), schema));
    }
    usual_ = CallEverything(*clients_.front());
    for (const auto& client : clients_) {
      threads_.emplace_back([this, &client = *client] { Run(client); });
    }
  }
  ~Load() { Stop(); }

  // Until each client has done everything once more.
  void AwaitRound() const {
    const int until = rounds_ + 2 * kClients;
    EXPECT_TRUE(test::Eventually([&] { return rounds_ >= until; }, absl::Minutes(2)));
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // What went otherwise than before the migration. After Stop.
  const std::string& worse() const { return worse_; }
  absl::Duration slowest() const { return slowest_; }
  int rounds() const { return rounds_; }

 private:
  static constexpr int kClients = 2;

  void Run(const test::DynamicClient& client) {
    absl::Duration slowest;
    std::string worse;
    while (!stop_) {
      std::string now = Worse(usual_, CallEverything(client, &slowest));
      if (worse.empty()) worse = std::move(now);
      ++rounds_;
    }
    absl::MutexLock lock(&mutex_);
    slowest_ = std::max(slowest_, slowest);
    absl::StrAppend(&worse_, worse);
  }

  std::vector<std::unique_ptr<test::DynamicClient>> clients_;
  Outcomes usual_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> rounds_ = 0;
  absl::Mutex mutex_;
  std::string worse_;
  absl::Duration slowest_;
  std::vector<std::thread> threads_;
};

std::vector<Case> ChosenCases() {
  const char* wanted = std::getenv("TENANTRY_MIGRATION_LOAD");
  if (wanted != nullptr && std::string(wanted) == "all") return Cases();
  static const std::set<std::string> usual = {"new_label",        "new_field_with_a_default",
                                              "change_keys",      "new_table_and_relation",
                                              "change_on_delete", "rename_field"};
  std::vector<Case> cases;
  for (const Case& test : Cases()) {
    if (usual.contains(test.name)) cases.push_back(test);
  }
  return cases;
}

class LoadTest : public ::testing::TestWithParam<Case> {};

// Uniqueness is one of the things that the clients try: a twin is refused all the time.
TEST_P(LoadTest, NoCallFailsButWhereTheSummarySaysSo) {
  const Case& test = GetParam();
  constexpr int kTenants = 300;
  Rollout rollout(test, kTenants);
  auto server = AnyServer::Start(test.before, rollout.evolution.database());
  ASSERT_TRUE(server.ok()) << server.status();
  Load load(**server, rollout.before);
  load.AwaitRound();
  auto applied = rollout.evolution.Apply();
  load.AwaitRound();
  load.Stop();
  // Rows that come from the old server may be those that it fails on.
  if (!applied.ok() && rollout.Says(Hazard::kMayFailOnExistingRows)) {
    rollout.RemoveWritten();
    applied = rollout.evolution.Apply();
  }
  ASSERT_TRUE(applied.ok()) << applied.status();
  if (!rollout.BreaksOldServers()) {
    EXPECT_EQ(load.worse(), "") << rollout.summary << "\n" << rollout.evolution.UpSql(rollout.name);
  }
}

INSTANTIATE_TEST_SUITE_P(Changes, LoadTest, ::testing::ValuesIn(ChosenCases()),
                         [](const auto& info) { return std::string(info.param.name); });

// Types change beside the old columns: until the switch, which is one short transaction, the old
// server and its clients notice nothing. Each section is under load.
TEST(OnlineTypes, UntilTheSwitchNoCallFails) {
  constexpr int kTenants = 300;
  for (const char* name : {"all_that_is_built_on_a_column", "change_type_of_a_reference"}) {
    SCOPED_TRACE(name);
    Rollout rollout(CaseNamed(name), kTenants, AllowOnline());
    const test::Database& database = rollout.evolution.database();
    auto server = AnyServer::Start(rollout.test.before, database);
    ASSERT_TRUE(server.ok()) << server.status();
    auto load = std::make_unique<Load>(**server, rollout.before);
    load->AwaitRound();
    std::size_t sections = 0;
    auto migrations = ReadMigrations(rollout.evolution.directory());
    const std::vector<Section> all = *migrations->back().Sections();
    rollout.ApplyBySections([&](std::size_t done) {
      if (load == nullptr) return;
      load->AwaitRound();
      auto another = AnyServer::Start(rollout.test.before, database);
      EXPECT_TRUE(another.ok()) << another.status();
      sections = done;
      if (!absl::StrContains(all[done].statements[0], "DROP TRIGGER")) return;
      load->Stop();
      EXPECT_EQ(load->worse(), "") << rollout.evolution.UpSql(rollout.name);
      load = nullptr;
      rollout.RemoveWritten();
    });
    EXPECT_GT(sections, 5u);
    EXPECT_EQ(load, nullptr) << "there was no switch";
    EXPECT_EQ(Dump(database), FreshDump(rollout.after));
    auto new_server = AnyServer::Start(rollout.test.after, database);
    EXPECT_TRUE(new_server.ok()) << new_server.status();
  }
}

// A transaction keeps the migration from its lock. Calls that queue behind the migration go on when
// its lock_timeout is over.
TEST(LockTimeout, CallsWaitNoLongerThanIt) {
  constexpr absl::Duration kHeld = absl::Seconds(6), kEnough = absl::Seconds(3);
  Rollout rollout(CaseNamed("allow_null"));
  const test::Database& database = rollout.evolution.database();
  auto server = AnyServer::Start(rollout.test.before, database);
  ASSERT_TRUE(server.ok()) << server.status();
  Load load(**server, rollout.before);
  load.AwaitRound();

  pqxx::connection connection(database.superuser_url());
  pqxx::work holder(connection);
  holder.exec("SELECT FROM notes.notes");
  std::thread release([&] {
    absl::SleepFor(kHeld);
    holder.commit();
  });
  int tries = 0;
  MigrateOptions options = rollout.evolution.options();
  options.lock_timeout = absl::Milliseconds(200);
  options.lock_tries = 1000;
  options.lock_retry_wait = absl::Milliseconds(100);
  options.progress = [&](const std::string&) { ++tries; };
  auto applied = Migrate(options);
  release.join();
  ASSERT_TRUE(applied.ok()) << applied.status();
  load.AwaitRound();
  load.Stop();
  EXPECT_EQ(load.worse(), "");
  EXPECT_GT(tries, 5);
  EXPECT_LT(load.slowest(), kEnough);
}

}  // namespace
}  // namespace tenantry::migrate
