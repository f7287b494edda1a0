// The commands of tenantryd. Each returns the exit status of the process: 0 for success, 1 for a
// failure, 2 for a command line or a setting that is wrong. All failures are told at once, on
// stderr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/config.h"

namespace tenantry::commands {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

// Serves until SIGTERM or SIGINT, then drains; a second signal ends at once.
int Serve(const SettingValues& given);

struct GenerateOptions {
  std::string label = "change";    // of the new migration's folder
  std::vector<std::string> allow;  // names of hazards
  bool custom = false;
  bool amend = false;
  std::string scratch_database;  // where conditions are tried; empty: nowhere
};
// Writes the API's files and, where the schema has changed, the next migration. Names what would
// break clients that were made before, and what is dangerous in the migration. When the migration
// cannot be written, nothing is.
int Generate(const SettingValues& given, const GenerateOptions& options);

// Writes all .proto files that a client needs to `out`.
int Protos(const SettingValues& given, const std::string& out);

struct MigrateOptions {
  bool dry_run = false;
  bool bootstrap = false;
  bool status = false;
  std::string to;  // name or number of the last one to apply; empty: all
};
int Migrate(const SettingValues& given, const MigrateOptions& options);

struct CheckOptions {
  bool live = false;             // the database too
  std::string scratch_database;  // where conditions are tried; empty: nowhere
};
// Lints the schema, and compares the API's files and the migrations with it. Needs no database,
// unless that is to be compared with its migrations. Changes nothing.
int Check(const SettingValues& given, const CheckOptions& options);

struct LintOptions {
  bool live = false;       // the database too
  std::string exceptions;  // empty: lint_exceptions.txt in the folder of the migrations
};
// What is allowed and yet a mistake. Fails when there is such a thing.
int Lint(const SettingValues& given, const LintOptions& options);

// Makes a database that says it is for development like the schema. Of the options only `allow` has
// a meaning.
int Push(const SettingValues& given, const GenerateOptions& options);

struct PullOptions {
  std::string database;  // empty: that of the setting owner-database-url
  std::string out;
  std::vector<std::string> namespaces;  // empty: all
  std::string tenant_column = "tenant_id";
  bool overwrite = false;  // files that have another text
};
// Writes the protos of a database to `out`, and tells what they cannot say and how tables could get
// a tenant column. Changes nothing in the database.
int Pull(const SettingValues& given, const PullOptions& options);

// Writes the diagram of the schema to `out`: a page to look at, and a Markdown file for each file
// of the schema.
int Diagram(const SettingValues& given, const std::string& out);

struct DevOptions {
  bool once = false;
  bool reset = false;  // begins with an empty database
  std::string data_dir = "build/postgres";
  int port = 7070;
};
// Starts a private PostgreSQL and a server, loads demo data, and makes some calls. Serves until
// SIGTERM or SIGINT, or ends after the calls.
int Dev(const SettingValues& given, const DevOptions& options);

struct HealthOptions {
  std::string address;  // empty: the first one of the `listen` setting
  std::string service;  // empty: the server as a whole
  int timeout_ms = 2'000;
};
// 0 when a running server says SERVING: a container's health check.
int Health(const SettingValues& given, const HealthOptions& options);

// The table of settings as Markdown.
int PrintSettings();

// Of the server and of the libraries that clients meet on the wire.
std::string VersionText();
int PrintVersion();

// The settings of flags, environment and file. What is wrong with them has been told on stderr when
// this returns an error.
absl::StatusOr<Config> ResolveOrComplain(const SettingValues& given);

// `tenantryd: what: message` on stderr; returns kFailed.
int Complain(std::string_view what, const absl::Status& status);

}  // namespace tenantry::commands
