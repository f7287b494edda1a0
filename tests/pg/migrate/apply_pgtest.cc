#include "server/migrate/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <thread>

#include "server/migrate/bootstrap.h"
#include "server/migrate/generate.h"
#include "server/migrate/guard.h"
#include "tests/support/test_database.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class ApplyTest : public ::testing::Test {
 protected:
  ApplyTest() {
    static int count = 0;
    directory_ = "/tmp/tenantry-apply-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  }
  ~ApplyTest() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& sql) {
    fs::create_directories(fs::path(directory_) / name);
    std::ofstream(fs::path(directory_) / name / "up.sql") << sql;
  }
  absl::StatusOr<MigrateResult> Run(bool dry_run = false) {
    MigrateOptions options;
    options.database_url = database_->owner_url();
    options.migrations_dir = directory_;
    options.dry_run = dry_run;
    return Migrate(options);
  }
  template <typename T>
  T Query(const std::string& sql) {
    pqxx::connection connection(database_->superuser_url());
    return pqxx::nontransaction(connection).query_value<T>(sql);
  }

  std::string directory_;
  std::unique_ptr<test::Database> database_ = test::CreateBootstrappedDatabase();
};

TEST_F(ApplyTest, TwiceIsANoOp) {
  const schema::Schema& schema = test::LoadSchema("proto");
  ASSERT_TRUE(Generate(schema, {.directory = directory_}).ok());
  auto first = Run();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->applied, ElementsAre("0001_initial"));
  auto second = Run();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(second->applied, IsEmpty());
  EXPECT_EQ(Query<int>("SELECT count(*) FROM tenantry.migrations WHERE finished_at IS NOT NULL"),
            1);
}

TEST_F(ApplyTest, MakesWhatAnOlderBootstrapDidNotMake) {
  database_->Execute(
      "DROP FUNCTION tenantry.row_too_large(); DROP FUNCTION tenantry.refuse(text, integer);"
      "DROP FUNCTION tenantry.kept_rows(uuid); DROP VIEW tenantry.requests;"
      "DROP TABLE tenantry.requests_0, tenantry.requests_1, tenantry.requests_2;"
      "DROP FUNCTION tenantry.reference_deleted(text, integer)");
  Write("0001_a", "CREATE SCHEMA a;");
  ASSERT_TRUE(Run(/*dry_run=*/true).ok());
  const char* const there =
      "SELECT to_regprocedure('tenantry.row_too_large()') IS NOT NULL"
      " AND to_regprocedure('tenantry.refuse(text, integer)') IS NOT NULL"
      " AND to_regprocedure('tenantry.kept_rows(uuid)') IS NOT NULL"
      " AND to_regclass('tenantry.requests') IS NOT NULL"
      " AND to_regprocedure('tenantry.reference_deleted(text, integer)') IS NOT NULL";
  EXPECT_FALSE(Query<bool>(there));
  ASSERT_TRUE(Run().ok());
  EXPECT_TRUE(Query<bool>(there));
  // With the rights that bootstrap gives: some of them run as their owner.
  EXPECT_TRUE(
      Query<bool>("SELECT bool_and(NOT has_function_privilege('public', p.oid, 'EXECUTE')"
                  "                AND has_function_privilege('authenticated', p.oid, 'EXECUTE'))"
                  " FROM pg_proc p WHERE p.pronamespace = 'tenantry'::regnamespace"));
}

// PostgreSQL lets nobody but its owner make tables in it.
TEST_F(ApplyTest, InTheSchemaPublicTheErrorNamesTheGrantThatHelps) {
  auto schema = SchemaFromText(
      "option (tenantry.v1.database) = { schema: \"public\" };"
      "message Note { option (tenantry.v1.table) = { name: \"notes\" };"
      " string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; }");
  ASSERT_TRUE(schema.ok()) << schema.status();
  ASSERT_TRUE(Generate(**schema, {.directory = directory_}).ok());
  for (const bool dry_run : {true, false}) {
    const absl::Status refused = Run(dry_run).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("the schema public belongs to"));
  }
  const std::string message(Run().status().message());
  const std::size_t grant = message.find("GRANT CREATE");
  ASSERT_NE(grant, std::string::npos) << message;
  database_->Execute(message.substr(grant));
  auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  pqxx::connection connection(database_->app_url());
  absl::Status guarded = DatabaseGuard(**schema).Verify(connection);
  EXPECT_TRUE(guarded.ok()) << guarded;
}

TEST_F(ApplyTest, TheOwnerOwnsWhatASuperuserApplies) {
  Write("0001_a", "CREATE SCHEMA a; CREATE TABLE a.t (n int);");
  MigrateOptions options;
  options.database_url = database_->superuser_url();
  options.migrations_dir = directory_;
  ASSERT_TRUE(Migrate(options).ok());
  EXPECT_EQ(Query<std::string>("SELECT tableowner FROM pg_tables WHERE schemaname = 'a'"),
            "tenantry_owner");
}

TEST_F(ApplyTest, DryRunChangesNothing) {
  Write("0001_a", "CREATE SCHEMA a");
  auto result = Run(/*dry_run=*/true);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->pending, ElementsAre("0001_a"));
  EXPECT_EQ(Query<int>("SELECT count(*) FROM tenantry.migrations"), 0);
  EXPECT_EQ(Query<int>("SELECT count(*) FROM pg_namespace WHERE nspname = 'a'"), 0);
}

TEST_F(ApplyTest, AnEditedOrMissingMigrationIsRefused) {
  Write("0001_a", "CREATE SCHEMA a");
  ASSERT_TRUE(Run().ok());
  Write("0001_a", "CREATE SCHEMA a; -- edited");
  Write("0002_b", "CREATE SCHEMA b");
  auto edited = Run();
  EXPECT_EQ(edited.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(edited.status().message()), HasSubstr("0001_a was edited"));
  fs::remove_all(fs::path(directory_) / "0001_a");
  auto missing = Run();
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("0001_a was applied and is missing"));
  EXPECT_EQ(Query<int>("SELECT count(*) FROM pg_namespace WHERE nspname = 'b'"), 0);
}

TEST_F(ApplyTest, AFailedMigrationLeavesNothing) {
  Write("0001_a", "CREATE SCHEMA a; SELECT 1/0;");
  auto result = Run();
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("0001_a"));
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("division by zero"));
  EXPECT_EQ(Query<int>("SELECT count(*) FROM pg_namespace WHERE nspname = 'a'"), 0);
  EXPECT_EQ(Query<int>("SELECT count(*) FROM tenantry.migrations"), 0);
}

TEST_F(ApplyTest, GoesOnWhereAMigrationWithSectionsStopped) {
  Write("0001_a", "CREATE SCHEMA a; CREATE TABLE a.t (n int); INSERT INTO a.t VALUES (1), (1);");
  ASSERT_TRUE(Run().ok());
  Write("0002_b",
        "INSERT INTO a.t VALUES (1);\n"
        "-- tenantry: outside a transaction\n"
        "DROP INDEX IF EXISTS a.t_n;\n"
        "CREATE UNIQUE INDEX CONCURRENTLY t_n ON a.t (n);\n");
  EXPECT_FALSE(Run().ok());  // not unique
  EXPECT_EQ(Query<int>("SELECT sections_done FROM tenantry.migrations WHERE name = '0002_b'"), 1);
  database_->Execute("DELETE FROM a.t; INSERT INTO a.t VALUES (7)");
  auto again = Run();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Query<int>("SELECT count(*) FROM a.t"), 1) << "the first section ran again";
  EXPECT_TRUE(Query<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a.t_n'::regclass"));
}

TEST_F(ApplyTest, ConcurrentRunsTakeTurns) {
  for (int i = 1; i <= 5; ++i) {
    std::string n = std::to_string(i);
    Write("000" + n, "SELECT pg_sleep(0.05); CREATE SCHEMA s" + n);
  }
  std::vector<std::thread> threads;
  std::vector<absl::Status> statuses(4);
  std::vector<std::size_t> applied(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      auto result = Run();
      statuses[i] = result.status();
      if (result.ok()) applied[i] = result->applied.size();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(applied[0] + applied[1] + applied[2] + applied[3], 5u);
}

TEST_F(ApplyTest, DoesNotWaitForATablesLockForEver) {
  Write("0001_a", "CREATE SCHEMA a; CREATE TABLE a.t (n int)");
  ASSERT_TRUE(Run().ok());
  Write("0002_b", "ALTER TABLE a.t ADD COLUMN m int");
  pqxx::connection holder(database_->superuser_url());
  pqxx::work tx(holder);
  tx.exec("LOCK TABLE a.t IN ACCESS SHARE MODE");
  MigrateOptions options;
  options.database_url = database_->owner_url();
  options.migrations_dir = directory_;
  options.lock_timeout = absl::Milliseconds(100);
  options.lock_tries = 3;
  options.lock_retry_wait = absl::Milliseconds(1);
  auto result = Migrate(options);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kAborted) << result.status();
}

TEST_F(ApplyTest, SaysWhenTheDatabaseIsNotSetUp) {
  auto empty = test::CreateEmptyDatabase();
  MigrateOptions options;
  options.database_url = empty->superuser_url();
  options.migrations_dir = directory_;
  auto result = Migrate(options);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("--bootstrap"));
}

TEST_F(ApplyTest, ADryRunNeedsNoBootstrapAndSaysSo) {
  Write("0001_a", "CREATE SCHEMA a");
  auto empty = test::CreateEmptyDatabase();
  MigrateOptions options;
  options.database_url = empty->superuser_url();
  options.migrations_dir = directory_;
  options.dry_run = true;
  std::vector<std::string> lines;
  options.progress = [&](const std::string& line) { lines.push_back(line); };
  auto result = Migrate(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->pending, ElementsAre("0001_a"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("--bootstrap"), "would apply 0001_a"));
}

TEST_F(ApplyTest, MigrationsForOtherRolesAreRefused) {
  const schema::Schema& schema = test::LoadSchema("proto");
  ASSERT_TRUE(Generate(schema, {.directory = directory_, .role_prefix = "crm_"}).ok());
  auto result = Run();
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr("0001_initial is made for the roles crm_authenticated, crm_support, "
                        "crm_admin, and with no --role-prefix they are authenticated"));
  EXPECT_EQ(Query<int>("SELECT count(*) FROM tenantry.migrations"), 0);
  EXPECT_THAT(std::string(CheckMigrations(schema, directory_).message()), HasSubstr("crm_admin"));
  EXPECT_FALSE(Generate(schema, {.directory = directory_}).ok());
  EXPECT_TRUE(CheckMigrations(schema, directory_, "crm_").ok());
}

TEST_F(ApplyTest, BootstrapAsADatabasesOwnerWhoIsNoSuperuser) {
  database_->Execute("CREATE ROLE hosted LOGIN CREATEROLE NOSUPERUSER");
  // This cluster's roles are a superuser's. Where `hosted` had made them itself it could do this
  // itself, and before PostgreSQL 16 CREATEROLE is enough anyway.
  database_->Execute("GRANT tenantry_owner TO hosted");
  database_->Execute("CREATE DATABASE hosted OWNER hosted");
  BootstrapOptions bootstrap;
  bootstrap.database_url = test::Postgres().Url("hosted", "hosted");
  bootstrap.revoke_public = true;
  auto done = Bootstrap(bootstrap);
  EXPECT_TRUE(done.ok()) << done.status();
  MigrateOptions options;
  options.database_url = test::Postgres().Url("hosted", "hosted");
  options.migrations_dir = test::SourcePath("sql/migrations");
  auto migrated = Migrate(options);
  EXPECT_TRUE(migrated.ok()) << migrated.status();
  {
    pqxx::connection app(test::Postgres().Url("tenantry_app", "hosted"));
    absl::Status safe = DatabaseGuard(test::LoadSchema("proto")).Verify(app);
    EXPECT_TRUE(safe.ok()) << safe;
  }
  database_->Execute("DROP DATABASE hosted");
  database_->Execute("DROP ROLE hosted");
}

// All migrations one after the other give the same database as the newest schema from scratch.
TEST_F(ApplyTest, DifferencesApplyAndEndWhereAFreshStartEnds) {
  const std::string id =
      "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }];";
  auto before = SchemaFromText(
      "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }"
      "message Note { option (tenantry.v1.table) = { name: \"notes\" };" +
      id + " string text = 2 [(tenantry.v1.column).max_length = 10]; Kind kind = 3; }");
  auto after = SchemaFromText(
      "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }"
      "message Note { option (tenantry.v1.table) = { name: \"notes\" unique: { number: 2 columns: "
      "\"body\" }"
      " indexes: { columns: \"kind\" } policies: { name: \"own\" using: \"body <> ''\" } };" +
      id +
      " string body = 2 [(tenantry.v1.column) = { max_length: 20 min_length: 1 }]; Kind kind = 3;"
      " optional int32 n = 4 [(tenantry.v1.column).minimum = 0]; }"
      "message Tag { option (tenantry.v1.table) = { name: \"tags\" indexes: { columns: \"note_id\" "
      "}"
      " relations: { name: \"note\" number: 9 table: \"Note\" columns: \"note_id\" on_delete: "
      "ON_DELETE_CASCADE } };" +
      id + " string note_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; }");
  ASSERT_TRUE(before.ok()) << before.status();
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_TRUE(Generate(**before, {.directory = directory_}).ok());
  ASSERT_TRUE(Run().ok());
  auto generated = Generate(
      **after, {.directory = directory_, .label = "more", .allow = {Hazard::kAuthzUpdate}});
  ASSERT_TRUE(generated.ok()) << generated.status();
  EXPECT_EQ(generated->name, "0002_more");
  auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(CheckMigrations(**after, directory_).ok());
  EXPECT_EQ(Generate(**after, {.directory = directory_})->name, "");

  auto fresh = test::CreateDatabase(**after);
  // Not the order of columns: a new one comes last.
  const char* kWhatIsThere =
      "SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM ("
      " SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, "
      "atttypmod)"
      "   || ' ' || attnotnull AS line FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
      "   WHERE relnamespace = 'notes'::regnamespace AND relkind = 'r' AND attnum > 0"
      " UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index"
      "   JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'notes'::regnamespace"
      " UNION ALL SELECT 'constraint ' || conname || ' ' || convalidated || ' ' || "
      "pg_get_constraintdef(oid)"
      "   FROM pg_constraint WHERE connamespace = 'notes'::regnamespace"
      " UNION ALL SELECT 'policy ' || tablename || ' ' || policyname || ' ' || roles::text || ' ' "
      "|| cmd || ' '"
      "   || coalesce(qual, '') || ' ' || coalesce(with_check, '') FROM pg_policies"
      " UNION ALL SELECT 'label ' || enumlabel FROM pg_enum) AS lines";
  pqxx::connection connection(fresh->superuser_url());
  EXPECT_EQ(Query<std::string>(kWhatIsThere),
            pqxx::nontransaction(connection).query_value<std::string>(kWhatIsThere));
}

}  // namespace
}  // namespace tenantry::migrate
