// tenantryd: reads the command line and hands over to server/commands.
#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/config.h"
#include "server/commands/commands.h"

namespace {

using tenantry::AddSettingFlags;
using tenantry::SettingValues;
namespace commands = tenantry::commands;

// What the command line asks for.
struct Request {
  SettingValues settings;
  commands::GenerateOptions generate;
  commands::MigrateOptions migrate;
  commands::CheckOptions check;
  commands::LintOptions lint;
  commands::DevOptions dev;
  commands::HealthOptions health;
  std::string protos_out;
  std::string diagram_out;
  commands::PullOptions pull;
  std::function<int()> run;
};

constexpr std::string_view kServeGroups[] = {"Schema",  "Listening", "Identity",  "Database",
                                             "Streams", "Requests",  "Lifecycle", "Logs"};
constexpr std::string_view kDevGroups[] = {"Schema", "Streams", "Requests", "Lifecycle"};
constexpr std::string_view kSchemaGroups[] = {"Schema", "Migration"};
constexpr std::string_view kListenGroups[] = {"Listening"};

CLI::App* AddCommand(CLI::App& app, Request& request, const char* name, const char* about,
                     std::function<int()> run) {
  CLI::App* command = app.add_subcommand(name, about);
  command->callback([&request, run] { request.run = run; });
  return command;
}

void AddServe(CLI::App& app, Request& request) {
  CLI::App* serve = AddCommand(app, request, "serve", "Serve a schema's services over gRPC.",
                               [&request] { return commands::Serve(request.settings); });
  AddSettingFlags(*serve, request.settings, kServeGroups);
}

void AddSchemaCommands(CLI::App& app, Request& request) {
  CLI::App* generate =
      AddCommand(app, request, "generate", "Write the API's .proto files and the next migration.",
                 [&request] { return commands::Generate(request.settings, request.generate); });
  generate->add_option("name,--label", request.generate.label, "Name of the migration [change]");
  generate->add_option("--allow", request.generate.allow,
                       "A hazard that the migration may have, as DELETES_DATA; several times");
  generate->add_flag("--custom", request.generate.custom,
                     "Leave room for statements that are written by hand");
  generate->add_flag("--amend", request.generate.amend,
                     "Write the newest migration anew, which no database has applied yet");
  generate->add_option("--scratch-database", request.generate.scratch_database,
                       "URL of a bootstrapped database where policies, checks and other conditions "
                       "are tried; all is rolled back");
  AddSettingFlags(*generate, request.settings, kSchemaGroups);

  CLI::App* protos =
      AddCommand(app, request, "protos", "Write the .proto files that clients need to a folder.",
                 [&request] { return commands::Protos(request.settings, request.protos_out); });
  protos->add_option("--out", request.protos_out, "The folder; made when it is not there")
      ->required();
  AddSettingFlags(*protos, request.settings, kSchemaGroups);

  CLI::App* check = AddCommand(
      app, request, "check", "Lint the schema; find derived files and migrations that lag behind.",
      [&request] { return commands::Check(request.settings, request.check); });
  check->add_flag("--live", request.check.live,
                  "Compare the database of --owner-database-url with its migrations too");
  check->add_option("--scratch-database", request.check.scratch_database,
                    "URL of a bootstrapped database where policies, checks and other conditions "
                    "are tried; all is rolled back");
  AddSettingFlags(*check, request.settings, kSchemaGroups);

  CLI::App* lint = AddCommand(
      app, request, "lint", "Find what is allowed in a schema or a database and yet a mistake.",
      [&request] { return commands::Lint(request.settings, request.lint); });
  lint->add_flag("--live", request.lint.live, "Look at the database of --owner-database-url too");
  lint->add_option("--exceptions", request.lint.exceptions,
                   "File of what is meant so: RULE OBJECT REASON, a line each "
                   "[lint_exceptions.txt beside the migrations]");
  AddSettingFlags(*lint, request.settings, kSchemaGroups);

  CLI::App* push = AddCommand(
      app, request, "push", "Make a development database like the schema, without a migration.",
      [&request] { return commands::Push(request.settings, request.generate); });
  push->add_option("--allow", request.generate.allow,
                   "A hazard that the changes may have, as DELETES_DATA; several times");
  AddSettingFlags(*push, request.settings, kSchemaGroups);

  CLI::App* pull = AddCommand(
      app, request, "pull", "Write the .proto files of a database that is there already.",
      [&request] { return commands::Pull(request.settings, request.pull); });
  pull->add_option(
      "--database", request.pull.database,
      "URL of the database, for a login that may make a schema in it; all that is made "
      "is rolled back [the setting owner-database-url]");
  pull->add_option("--out", request.pull.out,
                   "The folder for the protos. The numbers of those that are there are kept")
      ->required();
  pull->add_flag("--overwrite", request.pull.overwrite,
                 "Write files anew that have another text, without what was added by hand");
  pull->add_option("--namespace", request.pull.namespaces,
                   "A schema of PostgreSQL to read; several times [all]");
  pull->add_option("--tenant-column", request.pull.tenant_column,
                   "Name of the tenant column [tenant_id]");
  AddSettingFlags(*pull, request.settings, kSchemaGroups);

  CLI::App* diagram =
      AddCommand(app, request, "diagram", "Write an entity-relationship diagram of the tables.",
                 [&request] { return commands::Diagram(request.settings, request.diagram_out); });
  diagram
      ->add_option(
          "--out", request.diagram_out,
          "Folder for index.html, a page to look at, and Markdown files with Mermaid in them")
      ->required();
  AddSettingFlags(*diagram, request.settings, kSchemaGroups);

  CLI::App* migrate =
      AddCommand(app, request, "migrate", "Apply the migrations that a database does not have.",
                 [&request] { return commands::Migrate(request.settings, request.migrate); });
  migrate->add_flag("--dry-run", request.migrate.dry_run,
                    "Only tell what would be done, by --bootstrap too; change nothing");
  migrate->add_option("--to", request.migrate.to,
                      "Apply no more than up to this migration: its name or its number");
  migrate->add_flag("--status", request.migrate.status,
                    "Only tell which migrations are applied and which are not");
  migrate->add_flag("--bootstrap", request.migrate.bootstrap,
                    "First make the roles and helper functions, as a superuser");
  AddSettingFlags(*migrate, request.settings, kSchemaGroups);
}

void AddDev(CLI::App& app, Request& request) {
  CLI::App* dev =
      AddCommand(app, request, "dev",
                 "Serve demo data from a private PostgreSQL; make some calls and show them.",
                 [&request] { return commands::Dev(request.settings, request.dev); });
  dev->add_flag("--once", request.dev.once, "End after the sample calls");
  dev->add_flag("--reset", request.dev.reset,
                "Drop the database of an earlier run first, and tell what is in it");
  dev->add_option("--data-dir", request.dev.data_dir,
                  "The private PostgreSQL's data, kept between runs [build/postgres]");
  dev->add_option("--port", request.dev.port,
                  "Of the server on 127.0.0.1; 0, or a port that is taken: any [7070]")
      ->check(CLI::Range(0, 65534));
  AddSettingFlags(*dev, request.settings, kDevGroups);
}

void AddSmallCommands(CLI::App& app, Request& request) {
  CLI::App* health =
      AddCommand(app, request, "health", "Ask a running server whether it serves; for containers.",
                 [&request] { return commands::Health(request.settings, request.health); });
  health->add_option("--address", request.health.address,
                     "host:port or unix:path [the first of --listen]");
  health->add_option("--service", request.health.service,
                     "Full name of a service [the server as a whole]");
  health->add_option("--timeout-ms", request.health.timeout_ms, "Longest wait for an answer [2000]")
      ->check(CLI::Range(1, 3'600'000));
  AddSettingFlags(*health, request.settings, kListenGroups);

  AddCommand(app, request, "config", "Print the table of settings as Markdown.",
             [] { return commands::PrintSettings(); });
  AddCommand(app, request, "version", "Print the version.",
             [] { return commands::PrintVersion(); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Tenantry: typed, tenant-isolated data access over gRPC, driven by annotated protos.",
      "tenantryd");
  app.require_subcommand(1);
  app.set_version_flag("--version", commands::VersionText(), "Print the version and exit");
  app.footer(
      "Each setting can be given as a flag, as TENANTRY_<NAME> in the environment, in a file "
      "named\n"
      "by TENANTRY_<NAME>_FILE (for secrets), or as `name = value` in the --config-file.\n"
      "`tenantryd <command> --help` lists a command's settings, `tenantryd config` all of them.");
  Request request;
  AddServe(app, request);
  AddSchemaCommands(app, request);
  AddDev(app, request);
  AddSmallCommands(app, request);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? commands::kOk : commands::kUsage;
  }
  return request.run();
}
