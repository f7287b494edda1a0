// `tenantryd migrate`: brings a database up to the migrations on disk.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tenantry::migrate {

struct BootstrapOptions {
  // A superuser, or the database's owner with CREATEROLE.
  std::string database_url;
  // Set on the login roles when not empty.
  std::string app_password;
  std::string owner_password;
};

// Roles, schema `tenantry` and its functions (sql/bootstrap). Idempotent.
absl::Status Bootstrap(const BootstrapOptions& options);

struct MigrateOptions {
  // tenantry_owner, or a login that may become it.
  std::string database_url;
  std::string migrations_dir;
  // Tell what would be done, do nothing.
  bool dry_run = false;
  // How long a statement waits for a table's lock, queries queueing behind it.
  absl::Duration lock_timeout = absl::Seconds(5);
  // How long to wait for another `migrate` on this database.
  absl::Duration turn_wait = absl::Minutes(2);
  // Told about each step, for a terminal.
  std::function<void(const std::string& line)> progress;
};

struct MigrateResult {
  std::vector<std::string> applied;  // by this run
  std::vector<std::string> pending;  // left by a dry run
};

// Applies what the ledger does not hold, in order of name, each section in its transaction. One run
// at a time per database. FAILED_PRECONDITION when an applied migration was edited or is missing on
// disk, or the database is not bootstrapped. Messages are for an operator.
absl::StatusOr<MigrateResult> Migrate(const MigrateOptions& options);

}  // namespace tenantry::migrate
