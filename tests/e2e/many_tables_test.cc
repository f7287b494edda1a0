// A server of 500 tables: what it needs to start, and that it serves them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/command.h"
#include "tests/e2e/program.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

constexpr int kTables = 500;
constexpr std::size_t kResidentMax = 150 << 20;
// Of the processor's time. 2 seconds are what is wanted; there is room for a busy machine.
constexpr double kStartSecondsMax = 4;

std::string ManyTables() {
  std::string text = "syntax = \"proto3\";\npackage many;\nimport \"tenantry/v1/options.proto\";\n";
  for (int i = 0; i < kTables; ++i) {
    absl::StrAppend(&text, "message Thing", i, " { option (tenantry.v1.table) = { number: ", i + 1,
                    " indexes: { columns: \"f2\" } unique: { number: 2 columns: \"f3\" } };\n",
                    "  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: "
                    "MANAGED_ID}];\n");
    for (int f = 2; f < 12; ++f) absl::StrAppend(&text, "  string f", f, " = ", f, ";\n");
    absl::StrAppend(&text, "  optional int32 a = 12 [(tenantry.v1.column).minimum = 0];\n}\n");
  }
  return text;
}

double ProcessorSeconds(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string word;
  double ticks = 0;
  for (int field = 1; file >> word && field <= 15; ++field) {
    if (field >= 14) ticks += std::stod(word);  // user, system
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

TEST(FiveHundredTables, AreServedQuicklyAndInLittleMemory) {
  char name[] = "/tmp/tenantry-many-XXXXXX";
  const std::filesystem::path folder = mkdtemp(name);
  std::filesystem::create_directories(folder / "proto/many");
  std::ofstream(folder / "proto/many/many.proto") << ManyTables();
  const auto database = test::CreateBootstrappedDatabase();
  const std::map<std::string, std::string> environment = {
      {"TENANTRY_SCHEMA", (folder / "proto").string()},
      {"TENANTRY_MIGRATIONS", (folder / "migrations").string()},
      {"TENANTRY_THREADS",
       "8"},  // a machine of 16 processors needs no more memory than a small one
      {"TENANTRY_OWNER_DATABASE_URL", database->owner_url()}};
  for (const char* command : {"generate", "migrate"}) {
    const test::CommandResult result = test::RunCommand({"tenantryd", command}, environment);
    ASSERT_EQ(result.exit_code, 0) << command << ": " << result.err;
  }

  Program program(*database, environment);
  const double seconds = ProcessorSeconds(program.pid());
  const std::size_t resident = program.PeakRssBytes();
  std::printf("%d tables: %.2f s of the processor to start, %zu MB\n", kTables, seconds,
              resident >> 20);
  EXPECT_LT(seconds, kStartSecondsMax);
  EXPECT_LT(resident, kResidentMax);

  auto schema = schema::Schema::Load({(folder / "proto").string()});
  ASSERT_TRUE(schema.ok()) << schema.status();
  const test::DynamicClient client(program.NewChannel(), **schema);
  const std::string tenant = test::NewTenantId();
  std::string values;
  for (int f = 2; f < 12; ++f) absl::StrAppend(&values, " f", f, ": 'value'");
  EXPECT_THAT(client.Call("CreateThing499", "thing499 {" + values + " }", As(tenant)), IsOk());
  EXPECT_THAT(client.Call("GetThing0", "", As(tenant)), Fails(grpc::StatusCode::INVALID_ARGUMENT));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tenantry::e2e
