// Type changes beside the old column: rows are kept, the database is as new, nobody waits, and a
// run that is interrupted goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "server/migrate/drift.h"
#include "server/migrate/guard.h"
#include "tests/pg/migrate/cases.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/pg/migrate/notes.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::unique_ptr<const schema::Schema> Load(const std::string& text) {
  auto schema = SchemaFromText(text);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

void CompareWithGolden(const std::string& name, const std::string& sql) {
  const std::string path =
      test::SourcePath(absl::StrCat("tests/golden/migrate/online/", name, ".sql"));
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << sql;
  }
  EXPECT_EQ(sql, test::ReadFile(path));
}

class OnlineTest : public ::testing::TestWithParam<Case> {};

TEST_P(OnlineTest, RowsAreKeptAndTheDatabaseIsAsNew) {
  const Case& test = GetParam();
  auto before = Load(test.before), after = Load(test.after);
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(*before).ok());
  evolution.database().Execute(
      absl::StrReplaceAll(test.rows, {{"$T", "01920000-0000-7000-8000-00000000ac3e"}}));
  auto generated = Generate(
      *after, {.directory = evolution.directory(), .label = test.name, .allow = AllowOnline()});
  ASSERT_TRUE(generated.ok()) << generated.status();
  const std::string up = evolution.UpSql(generated->name);
  CompareWithGolden(test.name, up);
  EXPECT_THAT(up, Not(HasSubstr("REWRITES_TABLE")));
  auto applied = evolution.Apply();
  ASSERT_TRUE(applied.ok()) << applied.status() << "\n" << up;
  pqxx::connection connection(evolution.database().superuser_url());
  EXPECT_EQ(pqxx::nontransaction(connection).query_value<std::string>(test.question), test.answer);
  EXPECT_EQ(Dump(evolution.database()), FreshDump(*after)) << up;
  EXPECT_TRUE(CheckMigrations(*after, evolution.directory()).ok());
  auto drift = FindDrift(evolution.options());
  ASSERT_TRUE(drift.ok()) << drift.status();
  EXPECT_THAT(drift->findings, IsEmpty());
  EXPECT_THAT(drift->strangers, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Changes, OnlineTest, ::testing::ValuesIn(OnlineCases()),
                         [](const auto& info) { return std::string(info.param.name); });

// A table of many blocks whose column gets another type, and a migration that is killed in the
// middle of its batches: a trigger makes each of them slow.
class Interrupted {
 public:
  Interrupted() {
    EXPECT_TRUE(evolution.Go(*Load(Note("int32 n = 2; string text = 3;"))).ok());
    evolution.database().Execute(
        "INSERT INTO notes.notes (tenant_id, n, text) SELECT gen_random_uuid(), i, repeat('x', 400)"
        " FROM generate_series(1, 20000) AS i");
    auto generated = Generate(*after, {.directory = evolution.directory(), .allow = AllowOnline()});
    EXPECT_TRUE(generated.ok()) << generated.status();
  }

  template <typename T>
  T Query(const std::string& sql) {
    pqxx::connection connection(evolution.database().superuser_url());
    return pqxx::nontransaction(connection).query_value<T>(sql);
  }

  // kill -9, once some batches are committed and others are not.
  void KillInTheMiddle() {
    evolution.database().Execute(
        "CREATE SCHEMA slow; GRANT USAGE ON SCHEMA slow TO PUBLIC;"
        "CREATE FUNCTION slow.slow() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;"
        "CREATE TRIGGER slow BEFORE UPDATE ON notes.notes EXECUTE FUNCTION slow.slow()");
    const pid_t child = fork();
    if (child == 0) {
      auto result = Migrate(evolution.options());
      _exit(result.ok() ? 0 : 1);
    }
    const absl::Time give_up = absl::Now() + absl::Minutes(1);
    while (Query<int>("SELECT coalesce(max(batch_blocks), 0) FROM tenantry.migrations") < 100 &&
           absl::Now() < give_up) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    // The session that it leaves behind ends with its batch.
    while (
        Query<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
                    "  AND database = (SELECT oid FROM pg_database"
                    "    WHERE datname = current_database()))")) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    evolution.database().Execute("DROP SCHEMA slow CASCADE");
    const int filled = Query<int>("SELECT count(n__new) FROM notes.notes");
    EXPECT_GT(filled, 0);
    EXPECT_LT(filled, 20000);
  }

  void GoOn() {
    MigrateOptions options = evolution.options();
    options.progress = [this](const std::string& line) { told += line + "\n"; };
    auto applied = Migrate(options);
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(Query<std::string>("SELECT count(n) || ' ' || sum(n) FROM notes.notes"), rows);
    EXPECT_EQ(Dump(evolution.database()), FreshDump(*after));
  }

  std::unique_ptr<const schema::Schema> after = Load(Note("int64 n = 2; string text = 3;"));
  Evolution evolution;
  std::string rows = "20000 200010000";
  std::string told;
};

TEST(Interruption, BatchesGoOnWhereTheyStopped) {
  Interrupted interrupted;
  interrupted.KillInTheMiddle();
  auto states = MigrationStates(interrupted.evolution.options());
  ASSERT_TRUE(states.ok()) << states.status();
  EXPECT_THAT(states->back().detail, HasSubstr("blocks"));
  interrupted.GoOn();
  EXPECT_THAT(interrupted.told, HasSubstr("going on at block"));
}

// Rows move to blocks that are done already.
TEST(Interruption, ATableThatWasWrittenAnewIsGoneThroughOnceMore) {
  Interrupted interrupted;
  interrupted.KillInTheMiddle();
  interrupted.evolution.database().Execute("DELETE FROM notes.notes WHERE n <= 100");
  interrupted.evolution.database().Execute("VACUUM FULL notes.notes");
  interrupted.rows = "19900 200004950";
  interrupted.GoOn();
  EXPECT_THAT(interrupted.told, Not(HasSubstr("going on at block")));
}

// The trigger runs as whoever writes. It lets nobody see or write more than before.
TEST(Isolation, HoldsWhileRowsAreFilled) {
  Interrupted interrupted;
  interrupted.KillInTheMiddle();
  const auto before = Load(Note("int32 n = 2; string text = 3;"));
  pqxx::connection connection(interrupted.evolution.database().app_url());
  absl::Status guarded = DatabaseGuard(*before).Verify(connection);
  EXPECT_TRUE(guarded.ok()) << guarded;
  constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
  auto as_tenant = [&](pqxx::work& tx) {
    tx.exec("SET LOCAL ROLE authenticated");
    tx.exec("SELECT set_config('app.tenant_id', $1, true)", pqxx::params{kTenant});
  };
  {
    pqxx::work tx(connection);
    as_tenant(tx);
    tx.exec("INSERT INTO notes.notes (tenant_id, n, text) VALUES ($1, 7, 'mine')",
            pqxx::params{kTenant});
    EXPECT_EQ(tx.query_value<int>("SELECT n__new FROM notes.notes"), 7);
    EXPECT_EQ(tx.exec("UPDATE notes.notes SET n = 8").affected_rows(), 1u);
    EXPECT_EQ(tx.query_value<int>("SELECT n__new FROM notes.notes"), 8);
  }
  {
    pqxx::work tx(connection);
    as_tenant(tx);
    EXPECT_THROW(tx.exec("INSERT INTO notes.notes (tenant_id, n, text) VALUES "
                         "(gen_random_uuid(), 7, 'not mine')"),
                 pqxx::insufficient_privilege);
  }
}

TEST(Form, WhoAllowsARewriteGetsItAndAmendKnowsBoth) {
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(*Load(Note("int32 n = 2;"))).ok());
  auto after = Load(Note("int64 n = 2;"));
  auto online = Generate(*after, {.directory = evolution.directory(), .label = "a"});
  ASSERT_TRUE(online.ok()) << online.status();
  EXPECT_THAT(evolution.UpSql(online->name), HasSubstr("in batches"));
  auto in_place = Generate(*after, {.directory = evolution.directory(),
                                    .label = "b",
                                    .allow = {Hazard::kRewritesTable},
                                    .amend = true});
  ASSERT_TRUE(in_place.ok()) << in_place.status();
  EXPECT_THAT(evolution.UpSql(in_place->name), HasSubstr("ALTER COLUMN \"n\" TYPE bigint"));
  auto again = Generate(*after, {.directory = evolution.directory(), .label = "c", .amend = true});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(evolution.UpSql(again->name), HasSubstr("in batches"));
}

TEST(Form, WhatKeepsATypeFromChangingOnlineIsTold) {
  Evolution evolution;
  auto note = [](const char* type, const char* policy) {
    return Load(Note(absl::StrCat(type, " n = 2;"),
                     absl::StrCat("policies: { name: \"own\" using: \"", policy, "\" }")));
  };
  ASSERT_TRUE(evolution.Go(*note("int32", "n > 1")).ok());
  auto refused = Generate(*note("int64", "n > 2"),
                          {.directory = evolution.directory(), .allow = {Hazard::kAuthzUpdate}});
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--allow REWRITES_TABLE"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("the policy own on notes.notes"));
}

}  // namespace
}  // namespace tenantry::migrate
