#include "tests/pg/migrate/rollout.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/migrate/folder.h"
#include "server/migrate/section_runner.h"
#include "server/schema/breaking.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

namespace fs = std::filesystem;

// Never freed: messages are made for as long as the test runs.
const schema::Schema& Load(const std::string& text) {
  static std::map<std::string, std::unique_ptr<const schema::Schema>>& loaded =
      *new std::map<std::string, std::unique_ptr<const schema::Schema>>;
  std::unique_ptr<const schema::Schema>& schema = loaded[text];
  if (schema == nullptr) schema = *SchemaFromText(text);
  return *schema;
}

// What breaks clients of the schema before, as generate names it.
std::vector<std::string> BrokenForClients(const schema::Schema& before,
                                          const schema::Schema& after) {
  const fs::path directory = fs::temp_directory_path() / absl::StrCat("tenantry-api-", getpid());
  for (const auto& [name, text] : before.generated_files()) {
    fs::create_directories((directory / name).parent_path());
    std::ofstream(directory / name) << text;
  }
  auto lines = schema::BreakingChanges(after, directory.string());
  fs::remove_all(directory);
  EXPECT_TRUE(lines.ok()) << lines.status();
  return lines.ok() ? *lines : std::vector<std::string>();
}

}  // namespace

Rollout::Rollout(const Case& of, int copies, const Hazards& allow)
    : test(of), before(Load(of.before)), after(Load(of.after)) {
  auto made = evolution.Go(before);
  EXPECT_TRUE(made.ok()) << made.status();
  for (int copy = 0; copy < copies; ++copy) {
    evolution.database().Execute(absl::StrReplaceAll(
        test.rows, {{"$T", absl::StrFormat("01920000-0000-7000-8000-%012x", copy)}}));
  }
  auto generated = Generate(after, {.directory = evolution.directory(), .allow = allow});
  EXPECT_TRUE(generated.ok()) << generated.status();
  if (!generated.ok()) return;
  name = generated->name;
  summary = absl::StrJoin(generated->hazards, "\n");
  client_breaks = absl::StrJoin(BrokenForClients(before, after), "\n");
}

bool Rollout::Says(Hazard hazard) const { return absl::StrContains(summary, NameOf(hazard)); }

bool Rollout::BreaksOldServers() const {
  return Says(Hazard::kBreaksOldServers) || Says(Hazard::kAuthzUpdate);
}

bool Rollout::BreaksClients() const {
  return Says(Hazard::kBreaksApiClients) || !client_breaks.empty() || BreaksOldServers();
}

// The first column of a primary key is the tenant, whatever it is called by now.
void Rollout::RemoveWritten() const {
  evolution.database().Execute(R"(
    DO $$ DECLARE t record; BEGIN
      SET LOCAL session_replication_role = replica;
      FOR t IN SELECT c.oid::regclass AS name, a.attname
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND c.relkind = 'r'
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'tenantry')
            JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      LOOP
        EXECUTE format('DELETE FROM %s WHERE %I::text NOT LIKE %L', t.name, t.attname, '01920000-%');
      END LOOP;
    END $$)");
}

void Rollout::ApplyBySections(const std::function<void(std::size_t done)>& between) const {
  auto migrations = ReadMigrations(evolution.directory());
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  auto sections = migrations->back().Sections();
  ASSERT_TRUE(sections.ok()) << sections.status();
  auto connection = pg::OpenSystemConnection(evolution.database().owner_url());
  ASSERT_TRUE(connection.ok()) << connection.status();
  SectionRunner runner(*connection, {.lock_timeout = absl::Seconds(3),
                                     .lock_tries = 20,
                                     .lock_retry_wait = absl::Milliseconds(50),
                                     .progress = nullptr});
  for (std::size_t i = 0; i < sections->size(); ++i) {
    absl::Status done = runner.Run((*sections)[i], {}, [](pqxx::transaction_base&) {});
    ASSERT_TRUE(done.ok()) << done;
    if (i + 1 < sections->size()) between(i + 1);
  }
}

}  // namespace tenantry::migrate
