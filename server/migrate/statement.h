// One statement of a migration, and how it runs.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/migrate/hazard.h"

namespace tenantry::migrate {

// Nothing but the catalog changes: what takes longer waits for something that it should not wait
// for.
inline constexpr absl::Duration kShortStatement = absl::Minutes(1);
// Reads or writes whole tables.
inline constexpr absl::Duration kLongStatement = absl::Hours(6);

struct Statement {
  std::string sql;  // without the semicolon
  Hazards hazards = {};
  // Cannot run inside a transaction (CREATE INDEX CONCURRENTLY), or must be committed by itself.
  bool outside_transaction = false;
  // An UPDATE that changes some blocks of its table at a time, from $1 up to $2 (folder.h). Outside
  // a transaction.
  bool in_batches = false;
  absl::Duration timeout = kShortStatement;
  // For a reader of the SQL; a line, or several.
  std::string note = {};
};

using Statements = std::vector<Statement>;

}  // namespace tenantry::migrate
