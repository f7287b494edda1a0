// Random edits of a schema: after each, the migrated database is the one that is made from scratch,
// its rows are all there, and check finds nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <pqxx/pqxx>
#include <random>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/drift.h"
#include "server/schema/naming.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/pg/migrate/random_schema.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

// How many steps a walk has, and which one it is.
const int kSteps = FromEnvironment("TENANTRY_WALK_STEPS", 20);
const unsigned kSeed = FromEnvironment("TENANTRY_WALK_SEED", std::random_device()() % 1'000'000);
const bool kTell = std::getenv("TENANTRY_WALK_TELL") != nullptr;

// A value for the n-th row, as SQL.
std::string Value(const schema::Column& column, int n) {
  const bool refers = column.name.rfind("ref", 0) == 0;
  if (!column.not_null && (refers || n % 2 == 0)) return "NULL";
  if (column.array) return "'{}'";
  switch (column.type) {
    case schema::Type::kBool:
      return n % 2 == 0 ? "true" : "false";
    case schema::Type::kText:
      return absl::StrCat("'", n, "'");
    case schema::Type::kUuid:
      return "gen_random_uuid()";
    case schema::Type::kDate:
    case schema::Type::kTimestamp:
      return "'2026-01-02'";
    case schema::Type::kBytes:
      return "'x'";
    case schema::Type::kEnum:
      return schema::QuoteLiteral(column.enum_type->values.front().label);
    default:
      return absl::StrCat(n);
  }
}

class Walk {
 public:
  // Some rows in every table, as far as its unique keys and rules let them in.
  void AddRows(const schema::Schema& schema) {
    pqxx::connection connection(evolution.database().superuser_url());
    pqxx::nontransaction tx(connection);
    for (const schema::Table& table : schema.tables()) {
      if (table.is_view()) continue;
      for (int n = 1; n <= 3; ++n) {
        std::vector<std::string> names = {"tenant_id"}, values = {"gen_random_uuid()"};
        for (const schema::Column& column : table.columns) {
          names.push_back(column.sql_name);
          values.push_back(Value(column, n));
        }
        try {
          tx.exec(absl::StrCat("INSERT INTO ", table.sql_name, " (", absl::StrJoin(names, ", "),
                               ") VALUES (", absl::StrJoin(values, ", "),
                               ") ON CONFLICT DO NOTHING"));
        } catch (const pqxx::check_violation&) {  // a rule lets no such row in
        }
      }
    }
  }

  // By the number of the table.
  std::map<int, int> CountRows(const schema::Schema& schema) {
    pqxx::connection connection(evolution.database().superuser_url());
    pqxx::nontransaction tx(connection);
    std::map<int, int> counts;
    for (const schema::Table& table : schema.tables()) {
      if (table.is_view()) continue;
      counts[table.number] =
          tx.query_value<int>(absl::StrCat("SELECT count(*) FROM ", table.sql_name));
    }
    return counts;
  }

  // Rows that do not fit stop a migration. Without rows it goes on.
  void Go(const schema::Schema& schema, int step) {
    const std::string label = absl::StrCat("step", step);
    auto gone = evolution.Go(schema, step % 2 == 0 ? AllowAll() : AllowOnline(), label);
    // Some type changes can only be made in place.
    if (absl::StrContains(gone.status().message(), "--allow REWRITES_TABLE")) {
      gone = evolution.Go(schema, AllowAll(), label);
    }
    if (gone.ok()) {
      name = gone->name;
      return;
    }
    if (kTell) std::cout << gone.status() << "\n";
    ASSERT_TRUE(gone.status().code() == absl::StatusCode::kInvalidArgument ||
                gone.status().code() == absl::StatusCode::kAlreadyExists ||
                gone.status().code() == absl::StatusCode::kFailedPrecondition)
        << gone.status();
    ++stopped;
    evolution.database().Execute(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT oid::regclass FROM pg_class WHERE relkind = "
        "'r'"
        " AND relnamespace = 'notes'::regnamespace LOOP EXECUTE 'TRUNCATE ' || t || ' CASCADE';"
        " END LOOP; END $$");
    counts.clear();
    auto again = evolution.Apply();
    ASSERT_TRUE(again.ok()) << again.status() << "\nand at first " << gone.status();
    ASSERT_EQ(again->applied.size(), 1u);
    name = again->applied.front();
  }

  Evolution evolution;
  std::string name;
  std::map<int, int> counts;
  int stopped = 0;
};

TEST(RandomWalk, EachStepEndsWhereAFreshDatabaseBegins) {
  std::cout << "TENANTRY_WALK_SEED=" << kSeed << " TENANTRY_WALK_STEPS=" << kSteps << "\n";
  RandomSchema random(kSeed);
  Walk walk;
  std::string before;
  int made = 0;
  for (int step = 0; step < kSteps; ++step) {
    const std::string text = random.Text();
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, ", step ", step, ": ", random.last_edit(), "\n",
                              before, "\n--- becomes ---\n", text));
    auto schema = SchemaFromText(text);
    if (!schema.ok()) {
      // Some edits give what no schema may be (a name that is taken): they are undone.
      ASSERT_GT(step, 0) << schema.status();
      if (kTell) std::cout << schema.status() << "\n";
      random.Undo();
      random.Edit();
      continue;
    }
    walk.Go(**schema, step);
    if (::testing::Test::HasFatalFailure()) return;
    const std::string up = walk.name.empty() ? "" : walk.evolution.UpSql(walk.name);
    ASSERT_TRUE(CheckMigrations(**schema, walk.evolution.directory()).ok());
    ASSERT_EQ(Dump(walk.evolution.database()), FreshDump(**schema)) << up;
    auto drift = FindDrift(walk.evolution.options());
    ASSERT_TRUE(drift.ok()) << drift.status();
    ASSERT_THAT(drift->findings, ::testing::IsEmpty()) << up;
    for (const auto& [number, count] : walk.CountRows(**schema)) {
      auto kept = walk.counts.find(number);
      if (kept != walk.counts.end()) ASSERT_EQ(count, kept->second) << number << "\n" << up;
    }
    walk.AddRows(**schema);
    walk.counts = walk.CountRows(**schema);
    before = text;
    made += walk.name.empty() ? 0 : 1;
    if (kTell) std::cout << random.last_edit() << "\n";
    random.Edit();
  }
  std::cout << made << " migrations, " << walk.stopped << " stopped by rows\n";
  EXPECT_GT(made, kSteps / 3) << "most edits changed nothing";
}

}  // namespace
}  // namespace tenantry::migrate
