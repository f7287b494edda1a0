// Random edits of a schema: after each, the migrated database is the one that is made from scratch,
// and its rows are all there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <pqxx/pqxx>
#include <random>

#include "absl/strings/str_cat.h"
#include "server/migrate/drift.h"
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

TEST(RandomWalk, EachStepEndsWhereAFreshDatabaseBegins) {
  std::cout << "TENANTRY_WALK_SEED=" << kSeed << " TENANTRY_WALK_STEPS=" << kSteps << "\n";
  RandomSchema random(kSeed);
  Evolution evolution;
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
      if (std::getenv("TENANTRY_WALK_TELL") != nullptr) std::cout << schema.status() << "\n";
      random.Undo();
      random.Edit();
      continue;
    }
    auto gone = evolution.Go(**schema, AllowAll(), absl::StrCat("step", step));
    ASSERT_TRUE(gone.ok()) << gone.status();
    ASSERT_TRUE(CheckMigrations(**schema, evolution.directory()).ok());
    ASSERT_EQ(Dump(evolution.database()), FreshDump(**schema))
        << (gone->name.empty() ? "" : evolution.UpSql(gone->name));
    auto drift = FindDrift(evolution.options());
    ASSERT_TRUE(drift.ok()) << drift.status();
    ASSERT_THAT(drift->findings, ::testing::IsEmpty());
    before = text;
    made += gone->name.empty() ? 0 : 1;
    if (std::getenv("TENANTRY_WALK_TELL") != nullptr) std::cout << random.last_edit() << "\n";
    random.Edit();
  }
  std::cout << made << " migrations\n";
  EXPECT_GT(made, kSteps / 3) << "most edits changed nothing";
}

}  // namespace
}  // namespace tenantry::migrate
