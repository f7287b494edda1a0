#include "server/dev/private_postgres.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <pqxx/pqxx>

#include "tests/support/postgres.h"

namespace tenantry::dev {
namespace {

namespace fs = std::filesystem;

TEST(PrivatePostgres, ListensOnNoTcpPortAndInADirectoryOfItsOwn) {
  pqxx::connection connection(test::Postgres().SuperuserUrl());
  pqxx::nontransaction tx(connection);
  EXPECT_EQ(tx.query_value<std::string>("SHOW listen_addresses"), "");
  EXPECT_NE(tx.query_value<std::string>("SHOW port"), "5432");
  struct stat info;
  ASSERT_EQ(stat(test::Postgres().socket_dir().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(PrivatePostgres, KeepsDataAcrossRunsEvenAfterAKill) {
  std::string data_dir = "/tmp/tenantry-test-" + std::to_string(getpid()) + "/data";
  PrivatePostgresOptions options;
  options.data_dir = data_dir;
  options.durable = false;
  {
    auto server = PrivatePostgres::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_FALSE((*server)->reused_data());
    pqxx::connection connection((*server)->SuperuserUrl());
    pqxx::nontransaction(connection).exec("CREATE TABLE kept (n int)");
    ASSERT_TRUE((*server)->Restart(PrivatePostgres::StopMode::kKill).ok());
    EXPECT_TRUE((*server)->running());
  }
  {
    auto server = PrivatePostgres::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_TRUE((*server)->reused_data());
    pqxx::connection connection((*server)->SuperuserUrl());
    EXPECT_EQ(pqxx::nontransaction(connection).query_value<int>("SELECT count(*) FROM kept"), 0);
  }
  fs::remove_all(fs::path(data_dir).parent_path());
}

TEST(PrivatePostgres, FindsAnotherPlaceWhenItsUserCannotReachTheDirectory) {
  if (geteuid() != 0) GTEST_SKIP() << "only root runs it as another user";
  fs::path closed = "/tmp/tenantry-closed-" + std::to_string(getpid());
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_all);
  PrivatePostgresOptions options;
  options.data_dir = (closed / "data").string();
  options.durable = false;
  fs::path used;
  {
    auto server = PrivatePostgres::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    used = (*server)->data_dir();
    EXPECT_EQ(used.string().rfind("/var/tmp/", 0), 0u) << used;
    pqxx::connection connection((*server)->SuperuserUrl());
    EXPECT_TRUE(connection.is_open());
  }
  fs::remove_all(used.parent_path());
  fs::remove_all(closed);
}

TEST(Bootstrap, MakesIdentifiersOfTheRightForm) {
  auto database = test::CreateBootstrappedDatabase();
  pqxx::connection connection(database->superuser_url());
  pqxx::nontransaction tx(connection);
  EXPECT_TRUE(tx.query_value<bool>(
      "SELECT bool_and(tenantry.uuidv7()::text ~ "
      "'^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') "
      "FROM generate_series(1, 1000)"));
  EXPECT_TRUE(
      tx.query_value<bool>("SELECT bool_and(tenantry.ulid() ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$') "
                           "FROM generate_series(1, 1000)"));
  EXPECT_EQ(
      tx.query_value<int>("SELECT count(DISTINCT tenantry.ulid()) FROM generate_series(1, 1000)"),
      1000);
  // Both begin with the time: now, in milliseconds.
  EXPECT_TRUE(
      tx.query_value<bool>("SELECT abs(('x' || substr(replace(tenantry.uuidv7()::text, '-', ''), "
                           "1, 12))::bit(48)::bigint - "
                           "extract(epoch FROM clock_timestamp()) * 1000) < 5000"));
}

TEST(Bootstrap, LetsTheAppTouchNothingUntilItTakesARole) {
  auto database = test::CreateBootstrappedDatabase();
  pqxx::connection connection(database->app_url());
  {
    pqxx::work tx(connection);
    EXPECT_THROW(tx.exec("SELECT tenantry.tenant_id()"), pqxx::insufficient_privilege);
  }
  pqxx::work tx(connection);
  tx.exec(
      "SELECT set_config('role', 'authenticated', true), "
      "set_config('app.tenant_id', '01920000-0000-7000-8000-00000000ac3e', true)");
  EXPECT_EQ(tx.query_value<std::string>("SELECT tenantry.tenant_id()"),
            "01920000-0000-7000-8000-00000000ac3e");
  EXPECT_THROW(tx.exec("CREATE TEMPORARY TABLE t (n int)"), pqxx::insufficient_privilege);
}

}  // namespace
}  // namespace tenantry::dev
