// A server whose database URL stands in a file.

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

TEST(DatabaseUrlTest, IsReadFromItsFileForEachConnection) {
  const std::string file = ::testing::TempDir() + "database_url." + std::to_string(getpid());
  const std::shared_ptr<test::Database> database =
      test::CreateDatabase(test::SharedSchema(test::Which::kSaas));
  // Only the file leads to the database.
  std::ofstream(file) << database->app_url() << "\n";
  test::TestServer server(
      {.schema = test::Which::kSaas, .database = database, .configure = [&](Config& config) {
         config.files["database-url"] = file;
         config.database_url = "host=/nowhere";
       }});
  const std::string tenant = server.NewTenant();
  EXPECT_THAT(server.client().Call("ListContacts", "", As(tenant)), IsOk());

  // A login that is refused stands for a password that was changed first in the database.
  std::ofstream(file) << "host=/nowhere\n";
  database->Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
      " AND datname = current_database()");
  EXPECT_TRUE(
      test::Eventually([&] { return !server.client().Call("ListContacts", "", As(tenant)).ok(); }));
  std::ofstream(file) << database->app_url() << "\n";
  EXPECT_TRUE(
      test::Eventually([&] { return server.client().Call("ListContacts", "", As(tenant)).ok(); }));
  std::remove(file.c_str());
}

}  // namespace
}  // namespace tenantry::e2e
