// The commands of tenantryd. Each returns the process's exit status: 0, 1 for a failure, 2 when it
// was asked wrongly. Failures are told on stderr, everything at once.
#pragma once

#include <string>
#include <string_view>

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
  std::string label = "change";  // of the new migration's folder
};
// Writes the derived service files and, where the schema has changed, the next migration.
int Generate(const SettingValues& given, const GenerateOptions& options);

struct MigrateOptions {
  bool dry_run = false;
  bool bootstrap = false;
};
int Migrate(const SettingValues& given, const MigrateOptions& options);

// Lints the schema; compares derived files and migrations with it. No database.
int Check(const SettingValues& given);

struct DevOptions {
  bool once = false;
  std::string data_dir = "build/postgres";
  int port = 7070;
};
// Everything from nothing: a private PostgreSQL, demo data, a server, sample calls. Serves until
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

int PrintVersion();

// From flags, environment and file; what is wrong is told on stderr already.
absl::StatusOr<Config> ResolveOrComplain(const SettingValues& given);

// `tenantryd: what: message` on stderr; returns kFailed.
int Complain(std::string_view what, const absl::Status& status);

}  // namespace tenantry::commands
