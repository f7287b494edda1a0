// The demo data, loaded as the server's login.
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "server/migrate/apply.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {
namespace {

TEST(Demo, LoadsAsTheAppAndAgainWithoutAnyChange) {
  auto database = test::CreateBootstrappedDatabase();
  MigrateOptions options;
  options.database_url = database->owner_url();
  options.migrations_dir = test::SourcePath("sql/migrations");
  ASSERT_TRUE(Migrate(options).ok());
  std::string sql = test::ReadFile(test::SourcePath("sql/demo/demo.sql"));
  for (int run = 0; run < 2; ++run) {
    pqxx::connection app(database->app_url());
    pqxx::nontransaction(app).exec(sql);
    pqxx::connection superuser(database->superuser_url());
    pqxx::nontransaction tx(superuser);
    for (const auto& [table, rows] : {std::pair{"organizations", 3},
                                      {"contacts", 120},
                                      {"products", 36},
                                      {"addresses", 150},
                                      {"orders", 180},
                                      {"order_items", 360}}) {
      EXPECT_EQ(tx.query_value<int>(std::string("SELECT count(*) FROM saas.") + table), rows)
          << table;
    }
    EXPECT_EQ(tx.query_value<int>(
                  "SELECT count(*) FROM saas.orders o WHERE total_cents <> (SELECT "
                  "sum(quantity * price_cents) FROM saas.order_items i WHERE i.tenant_id = "
                  "o.tenant_id AND i.order_id = o.id)"),
              0);
    EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM saas.contacts WHERE email !~ "
                                  "'^[a-z.]+@[a-z]+\\.example\\.(com|org|net)$'"),
              0);
    EXPECT_EQ(tx.query_value<int>("SELECT count(DISTINCT (tenant_id, name)) FROM saas.contacts"),
              120);
  }
}

}  // namespace
}  // namespace tenantry::migrate
