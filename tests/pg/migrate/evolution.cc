#include "tests/pg/migrate/evolution.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tenantry::migrate {
namespace {

std::string Output(const std::string& command) {
  std::string text;
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 65536> buffer;
  while (std::size_t read = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), read);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

bool IsNoise(absl::string_view line) {
  return line.empty() || absl::StartsWith(line, "--") || absl::StartsWith(line, "SET ") ||
         absl::StartsWith(line, "\\") || absl::StartsWith(line, "SELECT pg_catalog.set_config");
}

}  // namespace

Evolution::Evolution() : database_(test::CreateBootstrappedDatabase()) {
  static int count = 0;
  directory_ = absl::StrCat("/tmp/tenantry-evolution-", getpid(), "-", ++count);
}

Evolution::~Evolution() { std::filesystem::remove_all(directory_); }

MigrateOptions Evolution::options() const {
  MigrateOptions options;
  options.database_url = database_->owner_url();
  options.migrations_dir = directory_;
  return options;
}

absl::StatusOr<MigrateResult> Evolution::Apply() { return Migrate(options()); }

absl::StatusOr<Generated> Evolution::Go(const schema::Schema& schema, const Hazards& allow,
                                        const std::string& label) {
  auto generated = Generate(schema, {.directory = directory_, .label = label, .allow = allow});
  if (!generated.ok()) return generated.status();
  auto applied = Apply();
  if (!applied.ok()) return applied.status();
  return generated;
}

std::string Evolution::UpSql(const std::string& name) const {
  return test::ReadFile(absl::StrCat(directory_, "/", name, "/up.sql"));
}

std::string Dump(const test::Database& database) {
  const std::string text =
      Output(absl::StrCat(test::Postgres().bin_dir(), "/pg_dump --schema-only -N tenantry '",
                          database.superuser_url(), "'"));
  std::vector<std::string> lines, columns;
  bool in_table = false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (IsNoise(line)) continue;
    if (in_table && line == ");") {
      std::sort(columns.begin(), columns.end());
      lines.insert(lines.end(), columns.begin(), columns.end());
      columns.clear();
      in_table = false;
    }
    if (in_table) {
      columns.emplace_back(absl::StripSuffix(line, ","));
    } else {
      lines.emplace_back(line);
    }
    if (absl::StartsWith(line, "CREATE TABLE ")) in_table = true;
  }
  return absl::StrJoin(lines, "\n");
}

std::string FreshDump(const schema::Schema& schema) {
  Evolution fresh;
  auto made = fresh.Go(schema);
  EXPECT_TRUE(made.ok()) << made.status();
  return Dump(fresh.database());
}

const Hazards& AllowAll() {
  static const Hazards all = [] {
    Hazards hazards;
    for (Hazard hazard : AllHazards()) {
      if (NeedsAllowance(hazard)) hazards.push_back(hazard);
    }
    return hazards;
  }();
  return all;
}

const Hazards& AllowOnline() {
  static const Hazards allowed = [] {
    Hazards hazards = AllowAll();
    std::erase(hazards, Hazard::kRewritesTable);
    return hazards;
  }();
  return allowed;
}

}  // namespace tenantry::migrate
