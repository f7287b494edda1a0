// `tenantryd migrate`: brings a database up to the migrations on disk.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tenantry::migrate {

struct MigrateOptions {
  // tenantry_owner, or a login that may become it.
  std::string database_url;
  std::string migrations_dir;
  std::string role_prefix;
  // Only find out what would be done. Nothing is changed, and the database need not be
  // bootstrapped.
  bool dry_run = false;
  // Apply no more than up to this one: a name, or its number. Empty: all.
  std::string to;
  // How long a statement waits for a table's lock. Queries on that table wait behind it. So it
  // gives up, lets them go on, and tries again.
  absl::Duration lock_timeout = absl::Seconds(3);
  int lock_tries = 20;
  absl::Duration lock_retry_wait = absl::Seconds(3);
  // How long to wait for another `migrate` on this database.
  absl::Duration turn_wait = absl::Minutes(2);
  // Is told each step, for a terminal.
  std::function<void(const std::string& line)> progress;
};

struct MigrateResult {
  std::vector<std::string> applied;  // by this run
  std::vector<std::string> pending;  // left by a dry run
};

// Applies what the ledger does not hold, in order of name, each section in its transaction. One run
// at a time per database. FAILED_PRECONDITION when an applied migration was edited or is missing on
// disk, when one is made for another role prefix, follows one that is not there, or is not written
// to its end, or when the database is not bootstrapped. Messages are for an operator.
absl::StatusOr<MigrateResult> Migrate(const MigrateOptions& options);

// Where a migration stands in a database.
struct MigrationState {
  enum class Kind { kApplied, kStopped, kPending, kEdited, kMissing };
  std::string name;
  Kind kind;
  std::string detail;  // when and by whom it was applied, or how far it came
};

// Every migration on disk or in the ledger, by name. Changes nothing.
absl::StatusOr<std::vector<MigrationState>> MigrationStates(const MigrateOptions& options);

}  // namespace tenantry::migrate
