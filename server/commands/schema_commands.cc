// generate, protos, check, migrate: the schema, its files and its database.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "server/commands/commands.h"
#include "server/migrate/apply.h"
#include "server/migrate/bootstrap.h"
#include "server/migrate/diagram.h"
#include "server/migrate/diagram_page.h"
#include "server/migrate/drift.h"
#include "server/migrate/functions.h"
#include "server/migrate/generate.h"
#include "server/migrate/hazard.h"
#include "server/migrate/lint.h"
#include "server/migrate/model.h"
#include "server/migrate/pull.h"
#include "server/migrate/push.h"
#include "server/pg/system.h"
#include "server/schema/breaking.h"
#include "server/schema/generate.h"
#include "server/schema/schema.h"

namespace tenantry::commands {
namespace {

// With the bodies of its functions.
absl::StatusOr<std::unique_ptr<const schema::Schema>> LoadSchema(const Config& config) {
  return schema::Schema::Load(
      {.path = config.schema, .functions = migrate::FunctionsFolder(config.migrations)});
}

absl::Status Missing(const char* setting) {
  return absl::InvalidArgumentError(std::string("--") + setting + " is needed");
}

void Say(const char* what, const std::string& name) { std::printf("%s %s\n", what, name.c_str()); }

absl::Status Bootstrap(const Config& config, bool dry_run) {
  if (config.bootstrap_database_url.empty()) return Missing("bootstrap-database-url");
  auto effects = migrate::Bootstrap({.database_url = config.bootstrap_database_url,
                                     .role_prefix = config.role_prefix,
                                     .app_password = config.app_password,
                                     .owner_password = config.owner_password,
                                     .adopt_roles = config.adopt_roles,
                                     .revoke_public = config.revoke_public,
                                     .dry_run = dry_run,
                                     .progress = [](const std::string& line) { Say(" ", line); }});
  if (!effects.ok()) return effects.status();
  std::puts(effects->empty() ? "nothing to bootstrap"
            : dry_run        ? "not bootstrapped: a dry run"
                             : "bootstrapped");
  return absl::OkStatus();
}

absl::StatusOr<migrate::Hazards> ReadHazards(const std::vector<std::string>& names) {
  migrate::Hazards hazards;
  for (const std::string& name : names) {
    std::optional<migrate::Hazard> hazard = migrate::HazardByName(name);
    if (!hazard) {
      std::string known;
      for (migrate::Hazard other : migrate::AllHazards()) {
        if (migrate::NeedsAllowance(other)) absl::StrAppend(&known, " ", migrate::NameOf(other));
      }
      return absl::InvalidArgumentError(
          absl::StrCat(name, " is no hazard; those that need to be allowed:", known));
    }
    hazards.push_back(*hazard);
  }
  return hazards;
}

const char* WordFor(migrate::MigrationState::Kind kind) {
  using Kind = migrate::MigrationState::Kind;
  switch (kind) {
    case Kind::kApplied:
      return "applied";
    case Kind::kStopped:
      return "stopped";
    case Kind::kPending:
      return "pending";
    case Kind::kEdited:
      return "EDITED after it was applied,";
    case Kind::kMissing:
      return "MISSING here, applied";
  }
  return "";
}

int TellStates(const migrate::MigrateOptions& options) {
  auto states = migrate::MigrationStates(options);
  if (!states.ok()) return Complain("migrate", states.status());
  for (const migrate::MigrationState& state : *states) {
    std::printf("%s: %s %s\n", state.name.c_str(), WordFor(state.kind), state.detail.c_str());
  }
  return kOk;
}

migrate::MigrateOptions OwnersOptions(const Config& config) {
  migrate::MigrateOptions options;
  options.database_url = config.owner_database_url;
  options.migrations_dir = config.migrations;
  options.role_prefix = config.role_prefix;
  options.progress = [](const std::string& line) { Say(" ", line); };
  return options;
}

int CheckLive(const Config& config) {
  if (config.owner_database_url.empty()) {
    Complain("check --live", Missing("owner-database-url"));
    return kUsage;
  }
  auto drift = migrate::FindDrift(OwnersOptions(config));
  if (!drift.ok()) return Complain("database", drift.status());
  for (const std::string& line : drift->strangers) Say("  not of the schema:", line);
  for (const std::string& line : drift->findings) {
    Complain("database", absl::FailedPreconditionError(line));
  }
  return drift->findings.empty() ? kOk : kFailed;
}

// Tells each condition that PostgreSQL refuses.
int TryConditions(const schema::Schema& schema, const std::string& url,
                  const std::string& role_prefix) {
  if (url.empty()) return kOk;
  auto model = migrate::ModelOf(schema, role_prefix);
  if (!model.ok()) return Complain("schema", model.status());
  auto refused = migrate::RefusedParts(url, *model);
  if (!refused.ok()) return Complain("scratch database", refused.status());
  for (const std::string& line : *refused) Complain("schema", absl::InvalidArgumentError(line));
  return refused->empty() ? kOk : kFailed;
}

}  // namespace

int Generate(const SettingValues& given, const GenerateOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  absl::StatusOr<migrate::Hazards> allow = ReadHazards(options.allow);
  if (!allow.ok()) {
    Complain("--allow", allow.status());
    return kUsage;
  }
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());

  if (int tried = TryConditions(**schema, options.scratch_database, config->role_prefix);
      tried != kOk) {
    return tried;
  }
  // First what may be refused. The API's files change only with the migration that they go with.
  auto migration = migrate::Generate(**schema, {.directory = config->migrations,
                                                .label = options.label,
                                                .role_prefix = config->role_prefix,
                                                .allow = *allow,
                                                .custom = options.custom,
                                                .amend = options.amend});
  if (!migration.ok()) return Complain("migration", migration.status());

  // Before what is compared with is written over.
  auto breaking = schema::BreakingChanges(**schema, config->schema);
  std::vector<std::string> changed;
  absl::Status written = schema::WriteGeneratedFiles(**schema, config->schema, &changed);
  if (!written.ok()) return Complain("api", written);
  for (const std::string& name : changed) Say("wrote", name);
  if (breaking.ok()) {
    for (const std::string& line : *breaking) Say("  breaks clients:", line);
  } else {
    Complain("api", breaking.status());
  }

  if (!migration->name.empty()) Say("wrote", config->migrations + "/" + migration->name);
  for (const std::string& change : migration->changes) Say(" ", change);
  for (const std::string& hazard : migration->hazards) Say("  hazard", hazard);
  if (changed.empty() && migration->name.empty()) std::puts("nothing has changed");
  return kOk;
}

int Protos(const SettingValues& given, const std::string& out) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());
  std::vector<std::string> changed;
  absl::Status written = schema::WriteClientFiles(**schema, out, &changed);
  if (!written.ok()) return Complain("protos", written);
  for (const std::string& name : changed) Say("wrote", name);
  if (changed.empty()) std::puts("nothing has changed");
  return kOk;
}

int Check(const SettingValues& given, const CheckOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());

  int result = TryConditions(**schema, options.scratch_database, config->role_prefix);
  auto stale = schema::StaleFiles(**schema, config->schema);
  if (!stale.ok()) return Complain("api", stale.status());
  for (const std::string& name : *stale) {
    result = Complain("stale, run `tenantryd generate`", absl::FailedPreconditionError(name));
  }
  absl::Status migrations =
      migrate::CheckMigrations(**schema, config->migrations, config->role_prefix);
  if (!migrations.ok()) result = Complain("migrations", migrations);
  if (options.live) result = std::max(result, CheckLive(*config));
  if (result == kOk) {
    std::printf("%zu tables, %zu methods, nothing to mend\n", (*schema)->tables().size(),
                (*schema)->methods().size());
  }
  return result;
}

int Lint(const SettingValues& given, const LintOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  if (options.live && config->owner_database_url.empty()) {
    Complain("lint --live", Missing("owner-database-url"));
    return kUsage;
  }
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());
  auto model = migrate::ModelOf(**schema, config->role_prefix);
  if (!model.ok()) return Complain("schema", model.status());
  std::vector<migrate::LintFinding> findings = migrate::LintSchema(*model);
  if (!config->unindexed_filters) {
    const std::vector<migrate::LintFinding> refused = migrate::LintFilters(**schema);
    findings.insert(findings.end(), refused.begin(), refused.end());
  }
  if (options.live) {
    auto connection = pg::OpenSystemConnection(config->owner_database_url);
    if (!connection.ok()) return Complain("database", connection.status());
    auto live = migrate::LintDatabase(*connection, **schema, config->role_prefix);
    if (!live.ok()) return Complain("database", live.status());
    findings.insert(findings.end(), live->begin(), live->end());
  }
  auto left = migrate::WithoutExceptions(
      std::move(findings), options.exceptions.empty() ? config->migrations + "/lint_exceptions.txt"
                                                      : options.exceptions);
  if (!left.ok()) return Complain("lint", left.status());
  for (const migrate::LintFinding& finding : *left) Say("lint:", finding.ToString());
  return left->empty() ? kOk : kFailed;
}

int Push(const SettingValues& given, const GenerateOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  absl::StatusOr<migrate::Hazards> allow = ReadHazards(options.allow);
  if (!allow.ok() || config->owner_database_url.empty()) {
    Complain("push", allow.ok() ? Missing("owner-database-url") : allow.status());
    return kUsage;
  }
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());
  auto changes =
      migrate::Push(**schema, {.database_url = config->owner_database_url,
                               .migrations_dir = config->migrations,
                               .role_prefix = config->role_prefix,
                               .allow = *allow,
                               .progress = [](const std::string& line) { Say(" ", line); }});
  if (!changes.ok()) return Complain("push", changes.status());
  for (const std::string& change : *changes) Say(" ", change);
  std::puts(changes->empty() ? "up to date" : "pushed");
  return kOk;
}

int Pull(const SettingValues& given, const PullOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  const std::string url = options.database.empty() ? config->owner_database_url : options.database;
  if (url.empty()) {
    Complain("pull", Missing("database"));
    return kUsage;
  }
  auto pulled = migrate::Pull({.database_url = url,
                               .namespaces = options.namespaces,
                               .tenant_column = options.tenant_column,
                               .role_prefix = config->role_prefix,
                               .out = options.out,
                               .overwrite = options.overwrite});
  if (!pulled.ok()) return Complain("pull", pulled.status());
  for (const std::string& name : pulled->written) Say("wrote", options.out + "/" + name);
  for (const std::string& line : pulled->differences) Say("  differs:", line);
  if (!pulled->plans.empty()) std::puts("-- what brings the database nearer to the protos:");
  for (const std::string& line : pulled->plans) std::puts(line.c_str());
  if (pulled->differences.empty()) std::puts("the protos make the same database");
  return kOk;
}

namespace {

absl::Status WriteDiagram(const std::filesystem::path& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return absl::InternalError(path.string() + " cannot be written");
  Say("wrote", path.string());
  return absl::OkStatus();
}

}  // namespace

int Diagram(const SettingValues& given, const std::string& out) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  auto schema = LoadSchema(*config);
  if (!schema.ok()) return Complain("schema", schema.status());
  const std::filesystem::path folder = out;
  absl::Status status = WriteDiagram(folder / "index.html", migrate::DiagramPage(**schema));
  for (const auto& [name, text] : migrate::Diagrams(**schema)) {
    if (!status.ok()) break;
    status = WriteDiagram(folder / (name + ".md"),
                          absl::StrCat("# ", name, "\n\n```mermaid\n", text, "```\n"));
  }
  return status.ok() ? kOk : Complain("diagram", status);
}

int Migrate(const SettingValues& given, const MigrateOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  if (options.bootstrap) {
    absl::Status done = Bootstrap(*config, options.dry_run);
    if (!done.ok()) return Complain("bootstrap", done);
  }
  migrate::MigrateOptions apply = OwnersOptions(*config);
  // Before a bootstrap the owner's role is not there to log in.
  if (options.bootstrap && options.dry_run) apply.database_url = config->bootstrap_database_url;
  if (apply.database_url.empty()) {
    Complain("migrate", Missing("owner-database-url"));
    return kUsage;
  }
  apply.dry_run = options.dry_run;
  apply.to = options.to;
  if (options.status) return TellStates(apply);
  auto result = migrate::Migrate(apply);
  if (!result.ok()) return Complain("migrate", result.status());
  for (const std::string& name : result->pending) Say("pending", name);
  if (result->pending.empty() && result->applied.empty()) std::puts("up to date");
  return kOk;
}

}  // namespace tenantry::commands
