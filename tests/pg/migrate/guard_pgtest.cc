// Every way to weaken the database that we know of, done once, must be found.
#include "server/migrate/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_database.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::HasSubstr;

const schema::Schema& Saas() { return test::LoadSchema("proto"); }

absl::Status Verify(const test::Database& database) {
  pqxx::connection connection(database.app_url());
  return VerifyDatabase(connection, Saas());
}

struct Tampering {
  const char* name;
  const char* sql;
  const char* finding;
  // Roles are the whole server's: to be mended for the other tests.
  const char* mend = "";
};

class GuardTest : public ::testing::TestWithParam<Tampering> {};

TEST(Guard, PassesWhatMigrateMakes) {
  auto database = test::CreateDatabase(Saas());
  absl::Status status = Verify(*database);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Guard, PassesUserPolicies) {
  auto schema = SchemaFromText(
      "message Note { option (tenantry.v1.table) = { name: \"notes\""
      " policies: { name: \"own\" roles: \"authenticated\" commands: POLICY_COMMAND_UPDATE"
      "   using: \"author = 'me' OR shared\" with_check: \"author = 'me'\" }"
      " policies: { name: \"audit\" roles: \"support\" using: \"shared\" } };"
      " string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }];"
      " string author = 2; bool shared = 3; }");
  ASSERT_TRUE(schema.ok()) << schema.status();
  auto database = test::CreateDatabase(**schema);
  pqxx::connection connection(database->app_url());
  absl::Status status = VerifyDatabase(connection, **schema);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Guard, PassesAForeignSchema) {
  const schema::Schema& ledger = test::LoadSchema("tests/support/schemas/ledger");
  auto database = test::CreateDatabase(ledger);
  pqxx::connection connection(database->app_url());
  absl::Status status = VerifyDatabase(connection, ledger);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Guard, RefusesADatabaseWithoutTables) {
  auto database = test::CreateBootstrappedDatabase();
  absl::Status status = Verify(*database);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("table saas.contacts does not exist"));
}

TEST(Guard, RefusesTheSuperuserAndTheOwner) {
  auto database = test::CreateDatabase(Saas());
  pqxx::connection superuser(database->superuser_url());
  EXPECT_THAT(std::string(VerifyDatabase(superuser, Saas()).message()),
              HasSubstr("login role postgres is a superuser"));
  pqxx::connection owner(database->owner_url());
  EXPECT_THAT(std::string(VerifyDatabase(owner, Saas()).message()),
              HasSubstr("role tenantry_owner owns saas.contacts"));
}

TEST_P(GuardTest, Finds) {
  auto database = test::CreateDatabase(Saas());
  database->Execute(GetParam().sql);
  absl::Status status = Verify(*database);
  if (*GetParam().mend != '\0') database->Execute(GetParam().mend);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().finding));
}

constexpr Tampering kTamperings[] = {
    {"PolicyDropped", "DROP POLICY contacts_tenant ON saas.contacts",
     "table saas.contacts has no policy for role authenticated"},
    {"PolicyForFewerRoles", "ALTER POLICY contacts_tenant ON saas.contacts TO authenticated, admin",
     "table saas.contacts has no policy for role support"},
    {"PolicyForFewerCommands",
     "DROP POLICY contacts_tenant ON saas.contacts; CREATE POLICY contacts_tenant ON saas.contacts "
     "FOR SELECT TO authenticated, support, admin USING (tenant_id = tenantry.tenant_id())",
     "no policy for role authenticated (INSERT, UPDATE, DELETE)"},
    {"RowSecurityOff", "ALTER TABLE saas.orders DISABLE ROW LEVEL SECURITY",
     "table saas.orders has row-level security disabled"},
    {"ForceOff", "ALTER TABLE saas.orders NO FORCE ROW LEVEL SECURITY",
     "table saas.orders does not force"},
    {"PolicyTrue", "CREATE POLICY open ON saas.contacts FOR SELECT TO admin USING (true)",
     "policy open on saas.contacts"},
    {"PolicyForEverybody", "CREATE POLICY open ON saas.contacts USING (true)", "policy open on"},
    {"PolicyWithOr",
     "CREATE POLICY open ON saas.contacts TO admin USING (tenant_id = tenantry.tenant_id() OR "
     "is_active)",
     "policy open on"},
    {"PolicyWithAndWithinOr",
     "CREATE POLICY open ON saas.contacts TO admin USING ((tenant_id = tenantry.tenant_id() AND "
     "is_active) OR true)",
     "policy open on"},
    {"PolicyWithOpenCheck",
     "CREATE POLICY open ON saas.contacts TO admin USING (tenant_id = tenantry.tenant_id()) WITH "
     "CHECK (true)",
     "policy open on"},
    {"InsertTrue", "CREATE POLICY open ON saas.contacts FOR INSERT TO admin WITH CHECK (true)",
     "policy open on"},
    {"OtherColumn",
     "ALTER POLICY contacts_tenant ON saas.contacts USING (id = tenantry.tenant_id())",
     "policy contacts_tenant on saas.contacts"},
    {"TenantFunction",
     "CREATE OR REPLACE FUNCTION tenantry.tenant_id() RETURNS uuid LANGUAGE sql STABLE AS "
     "$$ SELECT '01920000-0000-7000-8000-00000000ac3e'::uuid $$",
     "tenantry.tenant_id() is not the one"},
    {"AFunctionOfUpdatesIsMissing", "DROP FUNCTION tenantry.row_too_large()",
     "tenantry.row_too_large() does not exist"},
    {"OwnRights", "GRANT SELECT ON saas.contacts TO tenantry_app",
     "rights of its own on saas.contacts"},
    {"RightsOfPublic", "GRANT SELECT (name) ON saas.contacts TO PUBLIC",
     "rights of its own on saas.contacts"},
    {"Ownership", "ALTER TABLE saas.contacts OWNER TO authenticated",
     "role authenticated owns saas.contacts"},
    {"TableBeside",
     "CREATE TABLE saas.copy AS TABLE saas.contacts; GRANT SELECT ON saas.copy TO support",
     "table saas.copy is not in the schema"},
    {"MaterializedView",
     "CREATE MATERIALIZED VIEW saas.all_contacts AS TABLE saas.contacts; GRANT SELECT ON "
     "saas.all_contacts TO admin",
     "materialized view saas.all_contacts"},
    {"ColumnGone", "ALTER TABLE saas.contacts DROP COLUMN phone",
     "saas.contacts.phone does not exist"},
    {"ColumnType", "ALTER TABLE saas.contacts ALTER COLUMN phone TYPE varchar(51)",
     "saas.contacts.phone is of type"},
    {"ColumnNull", "ALTER TABLE saas.contacts ALTER COLUMN name DROP NOT NULL",
     "saas.contacts.name allows NULL"},
    {"BypassRls", "ALTER ROLE tenantry_app BYPASSRLS", "login role tenantry_app has BYPASSRLS",
     "ALTER ROLE tenantry_app NOBYPASSRLS"},
    {"BypassRlsOfARole", "ALTER ROLE support BYPASSRLS",
     "role support, which the login may become, has", "ALTER ROLE support NOBYPASSRLS"},
    {"Superuser", "ALTER ROLE tenantry_app SUPERUSER", "login role tenantry_app is a superuser",
     "ALTER ROLE tenantry_app NOSUPERUSER"},
    {"Inherit", "ALTER ROLE tenantry_app INHERIT", "inherits rights",
     "ALTER ROLE tenantry_app NOINHERIT"},
    {"ReadsEverything", "GRANT pg_read_all_data TO admin", "role pg_read_all_data",
     "REVOKE pg_read_all_data FROM admin"},
    {"MayBecomeTheOwner", "GRANT tenantry_owner TO tenantry_app", "role tenantry_owner owns",
     "REVOKE tenantry_owner FROM tenantry_app"},
    {"RoleMissing", "REVOKE support FROM tenantry_app", "may not become role support",
     "GRANT support TO tenantry_app"},
};

INSTANTIATE_TEST_SUITE_P(Tamperings, GuardTest, ::testing::ValuesIn(kTamperings),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tenantry::migrate
