// Migrations that are interrupted, that meet each other, and that come from several branches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <pqxx/pqxx>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/migrate/drift.h"
#include "server/migrate/folder.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

constexpr char kId[] =
    "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; ";

std::string Note(const std::string& fields, const std::string& options = "") {
  return absl::StrCat("message Note { option (tenantry.v1.table) = { number: 1 name: \"notes\" ",
                      options, " }; ", kId, fields, " }\n");
}

// A change with every kind of section.
const std::string kBefore =
    "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }" +
    Note("string text = 2; Kind kind = 3; optional int32 n = 4; int32 gone = 5; string code = 6;",
         "unique: { number: 2 columns: \"text\" } indexes: { columns: \"gone\" }");
const std::string kAfter =
    "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }" +
    Note(
        "string body = 2 [(tenantry.v1.column).min_length = 1]; Kind kind = 3; optional int32 n = "
        "4 "
        "[(tenantry.v1.column) = { not_null: true default_value: \"7\" }]; string code = 6; "
        "optional "
        "string tag_id = 7 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];",
        "unique: { number: 2 columns: [\"body\", \"code\"] name: \"notes_text_key\" } indexes: { "
        "columns: \"tag_id\" } relations: { name: \"tag\" number: 9 table: \"Tag\" columns: "
        "\"tag_id\" }") +
    "message Tag { option (tenantry.v1.table) = { number: 2 name: \"tags\" }; " + kId +
    "string word = 2; }\n";
constexpr char kRows[] =
    "INSERT INTO notes.notes (tenant_id, text, kind, n, gone, code) SELECT "
    "'01920000-0000-7000-8000-00000000ac3e', 'text ' || i, 'a', nullif(i % 3, 0), i, 'c' FROM "
    "generate_series(1, 12000) AS i";

std::unique_ptr<const schema::Schema> Load(const std::string& text) {
  auto schema = SchemaFromText(text);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

const std::string& Fresh() {
  static const std::string fresh = FreshDump(*Load(kAfter));
  return fresh;
}

// With a pending migration from kBefore to kAfter.
struct Pending {
  Pending() {
    EXPECT_TRUE(evolution.Go(*Load(kBefore)).ok());
    evolution.database().Execute(kRows);
    auto generated = Generate(*after, {.directory = evolution.directory(), .allow = AllowAll()});
    EXPECT_TRUE(generated.ok()) << generated.status();
    name = generated->name;
  }
  template <typename T>
  T Query(const std::string& sql) {
    pqxx::connection connection(evolution.database().superuser_url());
    return pqxx::nontransaction(connection).query_value<T>(sql);
  }
  void ExpectDone() {
    EXPECT_EQ(Query<int>("SELECT count(*) FROM notes.notes WHERE n = 7"), 4000);
    EXPECT_EQ(Query<int>("SELECT count(*) FROM notes.notes"), 12000);
    EXPECT_EQ(Dump(evolution.database()), fresh) << evolution.UpSql(name);
    auto drift = FindDrift(evolution.options());
    ASSERT_TRUE(drift.ok()) << drift.status();
    EXPECT_THAT(drift->findings, IsEmpty());
  }

  std::unique_ptr<const schema::Schema> after = Load(kAfter);
  const std::string& fresh = Fresh();
  Evolution evolution;
  std::string name;
};

// Ends the session at the n-th statement that changes the catalog.
constexpr char kKiller[] =
    "CREATE SCHEMA killer; CREATE SEQUENCE killer.count; GRANT USAGE ON SCHEMA killer TO PUBLIC;"
    "GRANT ALL ON SEQUENCE killer.count TO PUBLIC;"
    "CREATE FUNCTION killer.kill() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
    " BEGIN IF nextval('killer.count') = current_setting('killer.at')::int THEN"
    "  PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;"
    "CREATE EVENT TRIGGER killer ON ddl_command_start EXECUTE FUNCTION killer.kill();";

TEST(Resume, AfterTheSessionWasEndedAtEveryStatement) {
  int killed = 0;
  for (int at = 1; at < 100; ++at) {
    Pending pending;
    const test::Database& database = pending.evolution.database();
    database.Execute(kKiller);
    database.Execute(absl::StrCat("ALTER DATABASE ", database.name(), " SET killer.at = ", at));
    auto first = pending.evolution.Apply();
    database.Execute("DROP EVENT TRIGGER killer; DROP SCHEMA killer CASCADE");
    if (first.ok()) break;  // there is no such statement any more
    ++killed;
    auto second = pending.evolution.Apply();
    ASSERT_TRUE(second.ok()) << at << ": " << second.status() << "\nat first: " << first.status();
    pending.ExpectDone();
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(killed, 15);
}

// Kills itself when it has told so many steps.
void MigrateUntil(const MigrateOptions& options, int steps) {
  MigrateOptions mine = options;
  mine.progress = [&steps](const std::string&) {
    if (steps-- == 0) raise(SIGKILL);
  };
  auto result = Migrate(mine);
  _exit(result.ok() ? 0 : 1);
}

TEST(Resume, AfterKill9AtEveryStep) {
  int killed = 0;
  for (int steps = 0; steps < 100; ++steps) {
    Pending pending;
    const pid_t child = fork();
    if (child == 0) MigrateUntil(pending.evolution.options(), steps);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      break;
    }
    ++killed;
    auto second = pending.evolution.Apply();
    ASSERT_TRUE(second.ok()) << steps << ": " << second.status();
    pending.ExpectDone();
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(killed, 5);
}

TEST(Resume, AnIndexThatWasNotBuiltToItsEndIsBuiltAnew) {
  Pending pending;
  pending.evolution.database().Execute(
      "UPDATE notes.notes SET text = 'same' WHERE ctid IN (SELECT ctid FROM notes.notes LIMIT 1)");
  pending.evolution.database().Execute("DROP INDEX notes.notes_text_key");
  pending.evolution.database().Execute(
      "INSERT INTO notes.notes (tenant_id, text, kind, n, gone, code) SELECT "
      "'01920000-0000-7000-8000-00000000ac3e', 'same', 'a', 1, 0, 'c'");
  pending.evolution.database().Execute(
      "CREATE INDEX notes_text_key ON notes.notes (tenant_id, text)");
  auto first = pending.evolution.Apply();
  EXPECT_EQ(first.status().code(), absl::StatusCode::kAlreadyExists) << first.status();
  EXPECT_THAT(std::string(first.status().message()), HasSubstr("section"));
  EXPECT_EQ(pending.Query<int>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
  auto drift = FindDrift(pending.evolution.options());
  ASSERT_TRUE(drift.ok()) << drift.status();
  EXPECT_THAT(drift->findings, ::testing::Contains(HasSubstr("is invalid")));
  EXPECT_THAT(drift->findings, ::testing::Contains(HasSubstr("stopped after")));
  pending.evolution.database().Execute("DELETE FROM notes.notes WHERE gone = 0");
  auto second = pending.evolution.Apply();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(Dump(pending.evolution.database()), pending.fresh);
}

TEST(AtOnce, SixMigratorsApplyEachMigrationOnce) {
  Pending pending;
  std::vector<std::thread> threads;
  std::vector<absl::StatusOr<MigrateResult>> results(6, absl::UnknownError(""));
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] { results[i] = pending.evolution.Apply(); });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t applied = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result.ok()) << result.status();
    applied += result->applied.size();
  }
  EXPECT_EQ(applied, 1u);
  pending.ExpectDone();
}

TEST(Parts, ToAndStatus) {
  Evolution evolution;
  ASSERT_TRUE(Generate(*Load(Note("string a = 2;")), {.directory = evolution.directory()}).ok());
  ASSERT_TRUE(Generate(*Load(Note("string a = 2; optional string b = 3;")),
                       {.directory = evolution.directory(), .label = "b"})
                  .ok());
  MigrateOptions options = evolution.options();
  options.to = "0001";
  auto result = Migrate(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->applied, ElementsAre("0001_initial"));
  auto states = MigrationStates(evolution.options());
  ASSERT_TRUE(states.ok()) << states.status();
  ASSERT_EQ(states->size(), 2u);
  EXPECT_EQ((*states)[0].kind, MigrationState::Kind::kApplied);
  EXPECT_THAT((*states)[0].detail, HasSubstr("by tenantry_owner"));
  EXPECT_EQ((*states)[1].kind, MigrationState::Kind::kPending);
  auto drift = FindDrift(evolution.options());
  ASSERT_TRUE(drift.ok()) << drift.status();
  EXPECT_THAT(drift->findings, ElementsAre("migration 0002_b is not applied"));
  options.to = "0009";
  EXPECT_EQ(Migrate(options).status().code(), absl::StatusCode::kInvalidArgument);
}

// --- generate

TEST(Custom, LeavesRoomForWhatHasNoRule) {
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(*Load(Note("bytes a = 2;"))).ok());
  auto after = Load(Note("int64 a = 2;"));
  auto refused = Generate(*after, {.directory = evolution.directory(), .label = "x"});
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--custom"));
  auto custom =
      Generate(*after, {.directory = evolution.directory(), .label = "x", .custom = true});
  ASSERT_TRUE(custom.ok()) << custom.status();
  // Nobody has written it yet.
  EXPECT_THAT(std::string(CheckMigrations(*after, evolution.directory()).message()),
              HasSubstr("is not whole"));
  EXPECT_THAT(std::string(evolution.Apply().status().message()), HasSubstr("is not whole"));
  std::string sql = evolution.UpSql(custom->name);
  const std::size_t mark = sql.find(kToBeWritten);
  ASSERT_NE(mark, std::string::npos);
  sql.replace(mark, std::string(kToBeWritten).size(),
              "ALTER TABLE notes.notes ALTER COLUMN a TYPE bigint USING length(a);");
  std::ofstream(evolution.directory() + "/" + custom->name + "/up.sql") << sql;
  ASSERT_TRUE(evolution.Apply().ok());
  EXPECT_TRUE(CheckMigrations(*after, evolution.directory()).ok());
  EXPECT_EQ(Dump(evolution.database()), FreshDump(*after));
}

TEST(Amend, WritesTheNewestAnewUnlessItWasEdited) {
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(*Load(Note("string a = 2;"))).ok());
  auto b = Load(Note("string a = 2; optional string b = 3;"));
  auto c = Load(Note("string a = 2; optional string c = 4;"));
  ASSERT_TRUE(Generate(*b, {.directory = evolution.directory(), .label = "b"}).ok());
  auto amended = Generate(*c, {.directory = evolution.directory(), .label = "c", .amend = true});
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_EQ(amended->name, "0002_c");
  EXPECT_FALSE(fs::exists(evolution.directory() + "/0002_b"));
  ASSERT_TRUE(evolution.Apply().ok());
  EXPECT_EQ(Dump(evolution.database()), FreshDump(*c));
  std::ofstream(evolution.directory() + "/0002_c/up.sql", std::ios::app) << "SELECT 1;\n";
  auto edited = Generate(*b, {.directory = evolution.directory(), .amend = true});
  EXPECT_THAT(std::string(edited.status().message()), HasSubstr("was edited by hand"));
}

// Two folders that begin alike, and what comes of each.
struct Branches {
  Branches(const std::string& base, const std::string& ours, const std::string& theirs) {
    EXPECT_TRUE(evolution.Go(*Load(base)).ok());
    const std::string other = evolution.directory() + "-other";
    fs::copy(evolution.directory(), other, fs::copy_options::recursive);
    auto a = Generate(*Load(ours),
                      {.directory = evolution.directory(), .label = "ours", .allow = AllowAll()});
    auto b = Generate(*Load(theirs), {.directory = other, .label = "theirs", .allow = AllowAll()});
    EXPECT_TRUE(a.ok()) << a.status();
    EXPECT_TRUE(b.ok()) << b.status();
    fs::copy(other + "/0002_theirs", evolution.directory() + "/0002_theirs");
    fs::remove_all(other);
  }
  Evolution evolution;
};

TEST(Branches, ThatTouchDifferentThingsMerge) {
  Branches branches(Note("string a = 2;"), Note("string a = 2; optional string b = 3;"),
                    Note("string x = 2;", "indexes: { columns: \"x\" }"));
  Evolution& evolution = branches.evolution;
  auto merged = Load(Note("string x = 2; optional string b = 3;", "indexes: { columns: \"x\" }"));
  EXPECT_TRUE(CheckMigrations(*merged, evolution.directory()).ok())
      << CheckMigrations(*merged, evolution.directory());
  ASSERT_TRUE(evolution.Apply().ok());
  EXPECT_EQ(Dump(evolution.database()), FreshDump(*merged));
  // The next one follows both.
  auto more = Load(Note("string x = 2; optional string b = 3; optional int32 n = 4;",
                        "indexes: { columns: \"x\" }"));
  ASSERT_TRUE(evolution.Go(*more).ok());
  auto migrations = ReadMigrations(evolution.directory());
  EXPECT_THAT(migrations->back().snapshot->parents(), ElementsAre("0002_ours", "0002_theirs"));
  EXPECT_EQ(Dump(evolution.database()), FreshDump(*more));
}

TEST(Branches, ThatChangeTheSameAreNamed) {
  Branches branches(Note("string a = 2;"), Note("string b = 2;"), Note("string c = 2;"));
  for (const absl::Status& status :
       {branches.evolution.Apply().status(),
        CheckMigrations(*Load(Note("string b = 2;")), branches.evolution.directory())}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr("0002_ours and 0002_theirs"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("notes.notes.b"));
  }
}

TEST(Branches, AMigrationWithoutTheOneItFollowsIsRefused) {
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(*Load(Note("string a = 2;"))).ok());
  const std::string directory = evolution.directory();
  ASSERT_TRUE(Generate(*Load(Note("string a = 2; optional string b = 3;")),
                       {.directory = directory, .label = "b"})
                  .ok());
  ASSERT_TRUE(Generate(*Load(Note("string a = 2; optional string b = 3; optional string c = 4;")),
                       {.directory = directory, .label = "c"})
                  .ok());
  fs::remove_all(directory + "/0002_b");
  EXPECT_THAT(std::string(evolution.Apply().status().message()),
              HasSubstr("0003_c follows 0002_b, which is not there"));
}

}  // namespace
}  // namespace tenantry::migrate
