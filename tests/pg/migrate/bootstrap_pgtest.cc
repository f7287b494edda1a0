// A bootstrap in clusters where others live. Each test has a cluster of its own: roles are the
// whole cluster's.
#include "server/migrate/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <pqxx/pqxx>
#include <thread>

#include "server/migrate/apply.h"
#include "server/migrate/generate.h"
#include "server/migrate/guard.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// All that a bootstrap may touch, of the whole cluster and of one database.
constexpr char kState[] = R"(
  SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
    SELECT 'role ' || a.* ::text || coalesce(shobj_description(a.oid, 'pg_authid'), '') AS line
    FROM pg_authid a
    UNION ALL SELECT 'member ' || m.* ::text FROM pg_auth_members m
    UNION ALL SELECT 'database ' || datname || ' ' || datdba || coalesce(datacl::text, '')
    FROM pg_database
    UNION ALL SELECT 'schema ' || nspname || nspowner || coalesce(nspacl::text, '')
    FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT 'relation ' || oid || coalesce(relacl::text, '') FROM pg_class
    UNION ALL SELECT 'function ' || p.oid || p.prosrc || coalesce(p.proacl::text, '')
    FROM pg_proc p) AS lines)";

class BootstrapTest : public ::testing::Test {
 protected:
  BootstrapTest() {
    dev::PrivatePostgresOptions options;
    options.durable = false;
    cluster_ = *dev::PrivatePostgres::Start(options);
    Execute("CREATE DATABASE ours");
  }

  void Execute(const std::string& sql, const std::string& database = "postgres") {
    pqxx::connection connection(cluster_->SuperuserUrl(database));
    pqxx::nontransaction(connection).exec(sql);
  }
  template <typename T = std::string>
  T Query(const std::string& sql, const std::string& database = "ours") {
    pqxx::connection connection(cluster_->SuperuserUrl(database));
    return pqxx::nontransaction(connection).query_value<T>(sql);
  }
  BootstrapOptions Options(const std::string& database = "ours") {
    BootstrapOptions options;
    options.database_url = cluster_->SuperuserUrl(database);
    options.progress = [this](const std::string& line) { lines_.push_back(line); };
    return options;
  }
  bool CanConnect(const std::string& user, const std::string& database) {
    try {
      pqxx::connection connection(cluster_->Url(user, database));
      return true;
    } catch (const pqxx::broken_connection&) {
      return false;
    }
  }

  std::unique_ptr<dev::PrivatePostgres> cluster_;
  std::vector<std::string> lines_;
};

TEST_F(BootstrapTest, ADryRunChangesNothingAndTellsEverything) {
  const std::string before = Query(kState);
  BootstrapOptions options = Options();
  options.app_password = "it's a secret";
  options.revoke_public = true;
  options.dry_run = true;
  auto would = Bootstrap(options);
  ASSERT_TRUE(would.ok()) << would.status();
  EXPECT_EQ(Query(kState), before);
  EXPECT_THAT(lines_, Contains("would set the password of role tenantry_app"));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("secret"))));

  options.dry_run = false;
  lines_.clear();
  auto done = Bootstrap(options);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(*done, *would) << "what is told is what is done";
  EXPECT_EQ(lines_.size(), done->size());
  EXPECT_TRUE(Query<bool>(
      "SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'tenantry_app'"));
  EXPECT_EQ(Query<int>("SELECT count(*) FROM pg_roles WHERE rolname IN ('tenantry_owner', "
                       "'tenantry_app', 'authenticated', 'support', 'admin') AND NOT rolsuper AND "
                       "NOT rolbypassrls"),
            5);

  options.app_password.clear();
  const std::string after = Query(kState);
  done = Bootstrap(options);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(*done, IsEmpty());
  EXPECT_EQ(Query(kState), after);
}

TEST_F(BootstrapTest, SomebodyElsesRolesStayAsTheyAre) {
  Execute("CREATE ROLE admin SUPERUSER LOGIN; CREATE ROLE support LOGIN INHERIT");
  const std::string before = Query(kState);
  auto refused = Bootstrap(Options());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("role admin exists, and Tenantry did not make it"),
                    HasSubstr("role support exists"), HasSubstr("--role-prefix"),
                    HasSubstr("--adopt-roles admin"), Not(HasSubstr("authenticated exists"))));
  EXPECT_EQ(Query(kState), before);

  // Even when told to, it does not alter them.
  BootstrapOptions options = Options();
  options.adopt_roles = {"admin", "support"};
  refused = Bootstrap(options);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("ALTER ROLE \"admin\" NOLOGIN NOINHERIT NOSUPERUSER"));
  EXPECT_EQ(Query(kState), before);
}

// With a prefix of its own, beside roles of the plain names.
TEST_F(BootstrapTest, APrefixGoesThroughEverythingThatNamesRoles) {
  Execute("CREATE ROLE admin SUPERUSER LOGIN; CREATE ROLE authenticated LOGIN");
  BootstrapOptions options = Options();
  options.role_prefix = "crm_";
  auto done = Bootstrap(options);
  ASSERT_TRUE(done.ok()) << done.status();
  const schema::Schema& schema = test::LoadSchema("proto");
  const std::string folder = cluster_->socket_dir() + "/migrations";
  ASSERT_TRUE(Generate(schema, {.directory = folder, .role_prefix = "crm_"}).ok());
  MigrateOptions migrate;
  migrate.database_url = cluster_->Url("crm_tenantry_owner", "ours");
  migrate.migrations_dir = folder;
  migrate.role_prefix = "crm_";
  auto migrated = Migrate(migrate);
  ASSERT_TRUE(migrated.ok()) << migrated.status();

  pqxx::connection app(cluster_->Url("crm_tenantry_app", "ours"));
  const absl::Status safe = DatabaseGuard(schema, "crm_").Verify(app);
  EXPECT_TRUE(safe.ok()) << safe;
  EXPECT_FALSE(DatabaseGuard(schema).Verify(app).ok()) << "the plain roles are not ours";
  EXPECT_TRUE(Query<bool>("SELECT rolsuper AND rolcanlogin FROM pg_roles WHERE rolname = 'admin'"));
  for (const char* plain : {"admin", "authenticated"}) {
    EXPECT_EQ(Query<int>(std::string("SELECT count(*) FROM pg_shdepend WHERE refobjid = '") +
                         plain + "'::regrole AND refclassid = 'pg_authid'::regclass"),
              0)
        << plain << " got rights";
  }
}

TEST_F(BootstrapTest, ARoleThatIsAdoptedKeepsItsComment) {
  Execute(
      "CREATE ROLE authenticated NOLOGIN NOINHERIT; "
      "COMMENT ON ROLE authenticated IS 'of the platform'");
  BootstrapOptions options = Options();
  options.adopt_roles = {"authenticated", "nobody"};
  EXPECT_THAT(std::string(Bootstrap(options).status().message()),
              HasSubstr("--adopt-roles names nobody"));
  options.adopt_roles = {"authenticated"};
  ASSERT_TRUE(Bootstrap(options).ok());
  EXPECT_EQ(Query("SELECT shobj_description('authenticated'::regrole, 'pg_authid')"),
            "of the platform [used by Tenantry]");
  options.adopt_roles.clear();
  auto again = Bootstrap(options);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, IsEmpty());
  // It is the platform's: it is not brought into line.
  Execute("ALTER ROLE authenticated LOGIN");
  EXPECT_THAT(std::string(Bootstrap(options).status().message()),
              HasSubstr("role authenticated must be NOLOGIN"));
  EXPECT_TRUE(Query<bool>("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'authenticated'"));
}

TEST_F(BootstrapTest, ItsOwnRolesAreBroughtIntoLine) {
  ASSERT_TRUE(Bootstrap(Options()).ok());
  Execute("ALTER ROLE support BYPASSRLS LOGIN; GRANT EXECUTE ON FUNCTION tenantry.ulid() TO PUBLIC",
          "ours");
  auto again = Bootstrap(Options());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, ::testing::ElementsAre(
                          "make role support NOLOGIN NOBYPASSRLS",
                          "let only authenticated, support, admin call tenantry.ulid()"));
  EXPECT_FALSE(
      Query<bool>("SELECT rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = 'support'"));
}

TEST_F(BootstrapTest, WhatAnEarlierVersionSetUpIsRecognised) {
  ASSERT_TRUE(Bootstrap(Options()).ok());
  Execute("CREATE DATABASE second");
  for (const char* role : {"tenantry_owner", "tenantry_app", "authenticated", "support", "admin"}) {
    Execute(std::string("COMMENT ON ROLE ") + role + " IS NULL");
  }
  // From another database of the cluster nothing tells whose they are.
  auto refused = Bootstrap(Options("second"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("bootstrap the database of that version first"));
  auto marked = Bootstrap(Options());
  ASSERT_TRUE(marked.ok()) << marked.status();
  EXPECT_EQ(marked->size(), 5u);
  EXPECT_THAT(*marked, Contains("mark role admin, which an earlier version made, in its comment"));
  auto second = Bootstrap(Options("second"));
  EXPECT_TRUE(second.ok()) << second.status();
}

TEST_F(BootstrapTest, OtherLoginsGoOnUnlessToldOtherwise) {
  Execute("CREATE ROLE other LOGIN");
  ASSERT_TRUE(Bootstrap(Options()).ok());
  EXPECT_TRUE(CanConnect("other", "ours"));
  EXPECT_TRUE(CanConnect("tenantry_app", "ours"));
  EXPECT_THAT(lines_,
              Contains(HasSubstr("note: PUBLIC keeps CONNECT, TEMPORARY on database ours")));
  BootstrapOptions options = Options();
  options.revoke_public = true;
  lines_.clear();
  ASSERT_TRUE(Bootstrap(options).ok());
  EXPECT_THAT(lines_, Contains(HasSubstr("will take CONNECT, TEMPORARY on database ours from")));
  EXPECT_FALSE(CanConnect("other", "ours"));
  EXPECT_TRUE(CanConnect("tenantry_app", "ours"));
  EXPECT_TRUE(CanConnect("other", "postgres"));
}

TEST_F(BootstrapTest, SaysWhatStandsInTheWay) {
  Execute("CREATE ROLE other; CREATE SCHEMA tenantry AUTHORIZATION other", "ours");
  EXPECT_THAT(std::string(Bootstrap(Options()).status().message()),
              HasSubstr("schema tenantry of database ours belongs to other"));
  Execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  EXPECT_THAT(std::string(Bootstrap(Options("latin")).status().message()),
              HasSubstr("database latin is encoded in LATIN1"));
}

TEST_F(BootstrapTest, RunsAtOnceInManyDatabases) {
  constexpr int kRuns = 6;
  for (int i = 0; i < kRuns; ++i) Execute("CREATE DATABASE d" + std::to_string(i));
  std::vector<absl::Status> statuses(kRuns);
  std::vector<std::thread> threads;
  for (int i = 0; i < kRuns; ++i) {
    threads.emplace_back([&, i] {
      BootstrapOptions options;
      options.database_url = cluster_->SuperuserUrl("d" + std::to_string(i));
      statuses[i] = Bootstrap(options).status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace tenantry::migrate
