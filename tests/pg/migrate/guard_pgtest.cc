// Every way to weaken the database that we know of, done once, must be found.
#include "server/migrate/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "absl/time/clock.h"
#include "tests/support/test_database.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::HasSubstr;

const schema::Schema& Saas() { return test::LoadSchema("proto"); }

absl::Status Verify(const test::Database& database) {
  pqxx::connection connection(database.app_url());
  return DatabaseGuard(Saas()).Verify(connection);
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
  absl::Status status = DatabaseGuard(**schema).Verify(connection);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Guard, PassesAForeignSchema) {
  const schema::Schema& ledger = test::LoadSchema("tests/support/schemas");
  auto database = test::CreateDatabase(ledger);
  pqxx::connection connection(database->app_url());
  absl::Status status = DatabaseGuard(ledger).Verify(connection);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Guard, RefusesADatabaseWithoutTables) {
  auto database = test::CreateBootstrappedDatabase();
  absl::Status status = Verify(*database);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              ::testing::StartsWith(
                  "the database is not safe to serve from:\n  no table saas.products, saas.orders, "
                  "saas.order_items and 3 more in the database; run `tenantryd migrate`\n"
                  "  no view saas.contact_summaries in the database; run `tenantryd migrate`\n"
                  "  no function saas.address_label(address), saas.checkout("));
}

// One cause, one line, one remedy.
TEST(Guard, RefusesALoginThatIsNotTheServersInOneLine) {
  auto database = test::CreateDatabase(Saas());
  pqxx::connection superuser(database->superuser_url());
  EXPECT_EQ(DatabaseGuard(Saas()).Verify(superuser).message(),
            "the database is not safe to serve from: login role postgres is a superuser, for whom "
            "row-level security does not hold: serve with the login that `tenantryd migrate "
            "--bootstrap` makes, tenantry_app");
  pqxx::connection owner(database->owner_url());
  EXPECT_EQ(DatabaseGuard(Saas()).Verify(owner).message(),
            "the database is not safe to serve from: login role tenantry_owner may become none of "
            "authenticated, support, admin: serve with the login that `tenantryd migrate "
            "--bootstrap` makes, tenantry_app");
}

TEST(Guard, RefusesADatabaseThatIsNotInUtf8) {
  test::CreateBootstrappedDatabase();  // makes the roles
  pqxx::connection cluster(test::Postgres().SuperuserUrl());
  pqxx::nontransaction(cluster).exec(
      "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  {
    pqxx::connection app(test::Postgres().Url("tenantry_app", "latin"));
    EXPECT_THAT(std::string(DatabaseGuard(Saas()).Verify(app).message()),
                HasSubstr("database latin is encoded in LATIN1"));
  }
  pqxx::nontransaction(cluster).exec("DROP DATABASE latin");
}

// What an extension makes is no business of the guard's, wherever it is put and whoever may read
// it.
TEST(Guard, PassesExtensions) {
  auto database = test::CreateDatabase(Saas());
  database->Execute(
      "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pg_trgm;"
      // Views in our own namespace that everybody may read, and an index of its operators.
      "CREATE EXTENSION pg_buffercache SCHEMA saas;"
      "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;"
      "GRANT SELECT ON saas.pg_buffercache TO PUBLIC, authenticated;"
      "CREATE INDEX ON saas.contacts USING gin (name public.gin_trgm_ops);"
      // A table in our own namespace that is an extension's: PostgreSQL's own have none that hold
      // rows.
      "CREATE TABLE saas.spatial_systems (n int); GRANT SELECT ON saas.spatial_systems TO PUBLIC;"
      "ALTER EXTENSION pg_trgm ADD TABLE saas.spatial_systems;");
  absl::Status status = Verify(*database);
  EXPECT_TRUE(status.ok()) << status;
  // A table of ours stays one, whatever claims it.
  database->Execute(
      "ALTER EXTENSION pg_trgm ADD TABLE saas.contacts; GRANT SELECT ON saas.contacts TO PUBLIC");
  EXPECT_THAT(std::string(Verify(*database).message()), HasSubstr("saas.contacts"));
}

// Migrations come before the servers that need them: a server that is older than its tables goes
// on.
TEST(Guard, PassesWhatIsMoreThanItNeeds) {
  auto schema = SchemaFromText(
      "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }"
      "message Note { option (tenantry.v1.table) = { name: \"notes\" };"
      " string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }];"
      " string text = 2 [(tenantry.v1.column).max_length = 10];"
      " string long = 3 [(tenantry.v1.column).max_length = 10]; Kind kind = 4;"
      " string price = 5 [(tenantry.v1.column) = { type: COLUMN_TYPE_NUMERIC precision: 8 scale: 2 "
      "}]; repeated string tags = 6; string any = 7; }");
  ASSERT_TRUE(schema.ok()) << schema.status();
  auto database = test::CreateDatabase(**schema);
  database->Execute(
      "ALTER TABLE notes.notes ALTER text TYPE varchar(20), ALTER long TYPE text,"
      " ALTER \"any\" TYPE varchar, ALTER price TYPE numeric(12, 4), ALTER text DROP NOT NULL,"
      " ADD optional int, ADD counted int NOT NULL DEFAULT 0,"
      " ADD serial bigint NOT NULL GENERATED ALWAYS AS IDENTITY,"
      " ADD twice int NOT NULL GENERATED ALWAYS AS (2) STORED;"
      "ALTER TYPE notes.kind ADD VALUE 'b'");
  pqxx::connection connection(database->app_url());
  absl::Status status = DatabaseGuard(**schema).Verify(connection);
  EXPECT_TRUE(status.ok()) << status;
}

// A measurement: --gtest_also_run_disabled_tests --gtest_filter=*500*
TEST(DatabaseGuard, DISABLED_CostsOf500Tables) {
  std::string body;
  for (int i = 0; i < 500; ++i) {
    body += "message Thing" + std::to_string(i) + " { option (tenantry.v1.table) = {};" +
            " string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID "
            "}];";
    for (int j = 2; j <= 20; ++j) {
      body += " string text" + std::to_string(j) + " = " + std::to_string(j) + ";";
    }
    body += " }\n";
  }
  auto schema = SchemaFromText(body);
  ASSERT_TRUE(schema.ok()) << schema.status();
  auto database = test::CreateDatabase(**schema);
  DatabaseGuard guard(**schema);
  pqxx::connection connection(database->app_url());
  for (int i = 0; i < 5; ++i) {
    absl::Time start = absl::Now();
    ASSERT_TRUE(DatabaseGuard(**schema).Verify(connection).ok());
    const absl::Duration full = absl::Now() - start;
    ASSERT_TRUE(guard.Verify(connection).ok());
    start = absl::Now();
    ASSERT_TRUE(guard.Verify(connection).ok());
    std::printf("in full %.1f ms, known %.1f ms\n", absl::ToDoubleMilliseconds(full),
                absl::ToDoubleMilliseconds(absl::Now() - start));
  }
  EXPECT_EQ(guard.full_reads(), 1);
}

TEST(DatabaseGuard, ReadsTheCatalogAgainOnlyWhenItHasChanged) {
  auto database = test::CreateDatabase(Saas());
  DatabaseGuard guard(Saas());
  auto verify = [&] {
    pqxx::connection connection(database->app_url());
    return guard.Verify(connection);
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(verify().ok());
  EXPECT_EQ(guard.full_reads(), 1);
  // Data and statistics are no part of it.
  database->Execute(
      "INSERT INTO saas.organizations (id, name) VALUES (gen_random_uuid(), 'x');"
      "CREATE TEMPORARY TABLE t (n int)");
  database->Execute("VACUUM ANALYZE");
  EXPECT_TRUE(verify().ok());
  EXPECT_EQ(guard.full_reads(), 1);

  int reads = 1;
  for (const char* change :
       {"ALTER TABLE saas.contacts ADD COLUMN more int",
        "GRANT SELECT ON saas.orders TO PUBLIC",
        "REVOKE SELECT ON saas.orders FROM PUBLIC",
        "GRANT SELECT (id) ON saas.orders TO PUBLIC",
        "REVOKE SELECT (id) ON saas.orders FROM PUBLIC",
        "CREATE POLICY more ON saas.orders TO admin USING (tenant_id = tenantry.tenant_id())",
        "ALTER POLICY more ON saas.orders USING (true)",
        "DROP POLICY more ON saas.orders",
        "ALTER TABLE saas.orders NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE saas.orders FORCE ROW LEVEL SECURITY",
        "ALTER ROLE support BYPASSRLS",
        "ALTER ROLE support NOBYPASSRLS",
        "GRANT pg_monitor TO admin",
        "REVOKE pg_monitor FROM admin",
        "CREATE OR REPLACE FUNCTION tenantry.tenant_id() RETURNS uuid LANGUAGE sql STABLE AS "
        "$$ SELECT NULL::uuid $$",
        "ALTER FUNCTION saas.checkout COST 200",
        "ALTER TYPE saas.contact_type ADD VALUE 'other'",
        "ALTER TABLE saas.orders OWNER TO admin",
        "ALTER TABLE saas.contacts ALTER more TYPE bigint",
        "CREATE TABLE saas.beside (n int)",
        "CREATE EXTENSION pg_trgm; ALTER EXTENSION pg_trgm ADD TABLE saas.beside",
        "ALTER SCHEMA saas RENAME TO other"}) {
    database->Execute(change);
    (void)verify();
    EXPECT_EQ(guard.full_reads(), ++reads) << change;
    const absl::Status again = verify();
    EXPECT_EQ(guard.full_reads(), reads) << change;
    pqxx::connection connection(database->app_url());
    EXPECT_EQ(again, DatabaseGuard(Saas()).Verify(connection)) << change;
  }
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
     "no policy for role authenticated (SELECT, INSERT, UPDATE, DELETE) on saas.contacts"},
    {"PolicyForFewerRoles", "ALTER POLICY contacts_tenant ON saas.contacts TO authenticated, admin",
     "no policy for role support (SELECT, INSERT, UPDATE, DELETE) on saas.contacts"},
    {"PolicyForFewerCommands",
     "DROP POLICY contacts_tenant ON saas.contacts; CREATE POLICY contacts_tenant ON saas.contacts "
     "FOR SELECT TO authenticated, support, admin USING (tenant_id = tenantry.tenant_id())",
     "no policy for role authenticated (INSERT, UPDATE, DELETE)"},
    {"RowSecurityOff", "ALTER TABLE saas.orders DISABLE ROW LEVEL SECURITY",
     "row-level security is disabled on saas.orders"},
    {"ForceOff", "ALTER TABLE saas.orders NO FORCE ROW LEVEL SECURITY",
     "row-level security is not forced on the owner of saas.orders"},
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
    {"AFunctionOfOtherParameters",
     "DROP FUNCTION tenantry.refuse(text, integer); CREATE FUNCTION tenantry.refuse(text) RETURNS "
     "boolean LANGUAGE sql AS 'SELECT true'",
     "tenantry.refuse(text, integer) does not exist"},
    {"AFunctionOfAMethodIsMissing", "DROP FUNCTION saas.checkout",
     "no function saas.checkout(p_tenant_id, p_contact_id, "},
    {"AFunctionOfAMethodTakesSomethingElse",
     "DROP FUNCTION saas.revenue_stats; CREATE FUNCTION saas.revenue_stats(p_tenant_id uuid) "
     "RETURNS "
     "bigint LANGUAGE sql AS 'SELECT 1'",
     "no function saas.revenue_stats(p_tenant_id, p_start_time, p_end_time, p_statuses) in the"},
    {"AFunctionOfAMethodRunsAsItsOwner",
     "DO $$ BEGIN EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', "
     "'saas.checkout'::regproc::oid::regprocedure); END $$",
     "the function saas.checkout(p_tenant_id, p_contact_id, "},
    {"OwnRights", "GRANT SELECT ON saas.contacts TO tenantry_app",
     "rights of its own on saas.contacts"},
    {"RightsOfPublic", "GRANT SELECT (name) ON saas.contacts TO PUBLIC",
     "rights of its own on saas.contacts"},
    {"Ownership", "ALTER TABLE saas.contacts OWNER TO authenticated",
     "role authenticated owns saas.contacts"},
    {"TableBeside",
     "CREATE TABLE saas.copy AS TABLE saas.contacts; GRANT SELECT ON saas.copy TO support",
     "tenant roles can reach saas.copy without row-level security"},
    {"MaterializedView",
     "CREATE MATERIALIZED VIEW saas.all_contacts AS TABLE saas.contacts; GRANT SELECT ON "
     "saas.all_contacts TO admin",
     "tenant roles can reach saas.all_contacts without"},
    {"ViewBeside",
     "CREATE VIEW saas.names AS SELECT name FROM saas.contacts; GRANT SELECT ON saas.names TO "
     "admin",
     "tenant roles can read the view saas.names with the rights of its owner"},
    {"ViewAsItsOwner", "ALTER VIEW saas.contact_summaries RESET (security_invoker)",
     "the view saas.contact_summaries runs with the rights of its owner"},
    {"ViewGone", "DROP VIEW saas.contact_summaries", "no view saas.contact_summaries in the"},
    {"ViewWithAnotherColumn",
     "ALTER VIEW saas.contact_summaries RENAME COLUMN order_count TO orders",
     "no column saas.contact_summaries.order_count in the database"},
    {"ColumnGone", "ALTER TABLE saas.contacts DROP COLUMN phone",
     "no column saas.contacts.phone in the database"},
    {"ColumnNarrower", "ALTER TABLE saas.contacts ALTER COLUMN phone TYPE varchar(49)",
     "column saas.contacts.phone is of type varchar(49), and the server needs varchar(50)"},
    {"ColumnType", "ALTER TABLE saas.products ALTER COLUMN stock TYPE bigint",
     "column saas.products.stock is of type int8, and the server needs int4"},
    {"ColumnNotNull", "ALTER TABLE saas.contacts ALTER COLUMN phone SET NOT NULL",
     "column saas.contacts.phone does not allow NULL, and the server needs that it does"},
    {"ColumnGenerated",
     "ALTER TABLE saas.contacts DROP COLUMN phone, "
     "ADD COLUMN phone varchar(50) GENERATED ALWAYS AS ('x') STORED",
     "column saas.contacts.phone is computed by the database"},
    {"ColumnUnknown", "ALTER TABLE saas.contacts ADD COLUMN more int NOT NULL",
     "the server does not know column saas.contacts.more, which is NOT NULL and has no default"},
    {"TenantNull",
     "ALTER TABLE saas.order_items DROP CONSTRAINT order_items_pkey; "
     "ALTER TABLE saas.order_items ALTER COLUMN tenant_id DROP NOT NULL",
     "the tenant column saas.order_items.tenant_id allows NULL"},
    {"LabelGone", "ALTER TYPE saas.contact_type RENAME VALUE 'partner' TO 'friend'",
     "enum type saas.contact_type has no label partner"},
    {"RightsOfAColumnBeside",
     "CREATE TABLE saas.copy AS TABLE saas.contacts; GRANT SELECT (name) ON saas.copy TO support",
     "tenant roles can reach saas.copy without row-level security"},
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
