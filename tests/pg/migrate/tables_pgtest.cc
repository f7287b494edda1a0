// What the tables made from the schema do with the rows of several tenants.
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "tests/support/test_database.h"

namespace tenantry::migrate {
namespace {

constexpr char kAcme[] = "01920000-0000-7000-8000-00000000ac3e";
constexpr char kGlobex[] = "01920000-0000-7000-8000-0000000061b0";
constexpr char kContact[] = "01920000-0000-7000-8000-0000000000c1";

class TablesTest : public ::testing::Test {
 protected:
  TablesTest() {
    for (const char* tenant : {kAcme, kGlobex}) {
      test::InsertTenant(*database_, test::LoadSchema("proto"), tenant);
    }
  }

  // Runs `sql` as the server would: its login, a role, a tenant, one transaction.
  pqxx::result As(const std::string& tenant, const std::string& sql) {
    pqxx::connection connection(database_->app_url());
    pqxx::work tx(connection);
    tx.exec(
        "SELECT set_config('role', 'authenticated', true), set_config('app.tenant_id', $1, true)",
        pqxx::params{tenant});
    pqxx::result result = tx.exec(sql);
    tx.commit();
    return result;
  }
  static std::string InsertContact(const std::string& tenant, const std::string& email) {
    return "INSERT INTO saas.contacts (tenant_id, id, name, email) VALUES ('" + tenant + "', '" +
           kContact + "', 'A', '" + email + "') RETURNING id";
  }

  std::unique_ptr<test::Database> database_ = test::CreateDatabase(test::LoadSchema("proto"));
};

TEST_F(TablesTest, ARowIsSeenByItsTenantAlone) {
  EXPECT_EQ(As(kAcme, InsertContact(kAcme, "a@example.com")).size(), 1);
  EXPECT_EQ(As(kAcme, "SELECT FROM saas.contacts").size(), 1);
  EXPECT_EQ(As(kGlobex, "SELECT FROM saas.contacts").size(), 0);
  EXPECT_EQ(As(kGlobex, "UPDATE saas.contacts SET name = 'B'").affected_rows(), 0);
  EXPECT_EQ(As(kGlobex, "DELETE FROM saas.contacts").affected_rows(), 0);
  EXPECT_EQ(As(kAcme, "SELECT FROM saas.organizations").size(), 1);
  EXPECT_THROW(As(kGlobex, InsertContact(kAcme, "b@example.com")), pqxx::insufficient_privilege);
  EXPECT_EQ(As("", "SELECT FROM saas.contacts").size(), 0);
}

TEST_F(TablesTest, KeysDoNotCollideAcrossTenants) {
  As(kAcme, InsertContact(kAcme, "a@example.com"));
  EXPECT_EQ(As(kGlobex, InsertContact(kGlobex, "a@example.com")).size(), 1);
}

TEST_F(TablesTest, ForeignKeysAreCheckedUnderForcedRowSecurityAndOnlyWithinTheTenant) {
  As(kAcme, InsertContact(kAcme, "a@example.com"));
  std::string order = std::string("', '") + kContact + "', 100)";
  const std::string insert =
      "INSERT INTO saas.orders (tenant_id, contact_id, total_cents) VALUES ('";
  EXPECT_NO_THROW(As(kAcme, insert + kAcme + order));
  EXPECT_THROW(As(kGlobex, insert + kGlobex + order), pqxx::foreign_key_violation);
  EXPECT_THROW(As(kAcme, "DELETE FROM saas.contacts"), pqxx::foreign_key_violation);
  // Rows of a tenant that does not exist are refused, and so is the deletion of a tenant that has
  // rows.
  std::string nobody = "01920000-0000-7000-8000-000000000bad";
  EXPECT_THROW(As(nobody, InsertContact(nobody, "a@example.com")), pqxx::foreign_key_violation);
  EXPECT_THROW(As(kAcme, "DELETE FROM saas.organizations"), pqxx::foreign_key_violation);
}

TEST_F(TablesTest, CascadesAndSetNullReachTheirRowsUnderForcedRowSecurity) {
  As(kAcme, InsertContact(kAcme, "a@example.com"));
  std::string tenant = std::string("'") + kAcme + "'";
  std::string contact = std::string("'") + kContact + "'";
  As(kAcme,
     "INSERT INTO saas.addresses (tenant_id, id, contact_id, line1, city, country) VALUES (" +
         tenant + ", " + contact + ", " + contact + ", '1 Main St', 'Springfield', 'US')");
  As(kAcme,
     "INSERT INTO saas.orders (tenant_id, contact_id, total_cents, shipping_address_id) VALUES (" +
         tenant + ", " + contact + ", 1, " + contact + ")");
  As(kAcme, "DELETE FROM saas.addresses");
  EXPECT_EQ(As(kAcme, "SELECT FROM saas.orders WHERE shipping_address_id IS NULL").size(), 1);
  As(kAcme, "DELETE FROM saas.orders");
  As(kAcme, "INSERT INTO saas.addresses (tenant_id, contact_id, line1, city, country) VALUES (" +
                tenant + ", " + contact + ", '1 Main St', 'Springfield', 'US')");
  As(kAcme, "DELETE FROM saas.contacts");
  EXPECT_EQ(As(kAcme, "SELECT FROM saas.addresses").size(), 0);
}

TEST_F(TablesTest, AnEmailIsFreeAgainOnceItsContactIsDeleted) {
  As(kAcme, InsertContact(kAcme, "a@example.com"));
  const std::string again =
      std::string("INSERT INTO saas.contacts (tenant_id, name, email) VALUES ('") + kAcme +
      "', 'B', 'a@example.com')";
  EXPECT_THROW(As(kAcme, again), pqxx::unique_violation);
  As(kAcme, "UPDATE saas.contacts SET deleted_at = now()");
  EXPECT_NO_THROW(As(kAcme, again));
}

TEST_F(TablesTest, ChecksHold) {
  const std::string insert = std::string(
                                 "INSERT INTO saas.products (tenant_id, slug, name, price_cents) "
                                 "VALUES ('") +
                             kAcme + "', 's', 'n', ";
  EXPECT_THROW(As(kAcme, insert + "-1)"), pqxx::check_violation);
  EXPECT_NO_THROW(As(kAcme, insert + "0)"));
}

TEST_F(TablesTest, NotEvenTheOwnerSeesRowsWithoutATenantsRole) {
  As(kAcme, InsertContact(kAcme, "a@example.com"));
  pqxx::connection connection(database_->owner_url());
  EXPECT_EQ(pqxx::nontransaction(connection).query_value<int>("SELECT count(*) FROM saas.contacts"),
            0);
}

TEST_F(TablesTest, EveryColumnTypeOfTheLedgerCanBeMade) {
  auto ledger = test::CreateDatabase(test::LoadSchema("tests/support/schemas"));
  pqxx::connection connection(ledger->superuser_url());
  pqxx::nontransaction tx(connection);
  EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM pg_tables WHERE schemaname = 'books'"),
            tx.query_value<int>("SELECT count(*) FROM pg_policies WHERE schemaname = 'books'"));
  EXPECT_THROW(tx.exec("INSERT INTO books.chart (organization_id, id, code, title, kind) VALUES "
                       "(gen_random_uuid(), 'not a ulid', 'c1', 't', 'asset')"),
               pqxx::check_violation);
  EXPECT_NO_THROW(
      tx.exec("INSERT INTO books.chart (organization_id, code, title, kind) VALUES "
              "(gen_random_uuid(), 'c1', 't', 'Owed to others')"));
}

}  // namespace
}  // namespace tenantry::migrate
