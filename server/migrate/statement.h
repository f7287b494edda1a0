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
  Hazards hazards;
  // Cannot run inside a transaction (CREATE INDEX CONCURRENTLY), or must be committed by itself.
  bool outside_transaction = false;
  // Changes some rows at a time, and runs again until none is left. Outside a transaction.
  bool repeated = false;
  absl::Duration timeout = kShortStatement;
  // For a reader of the SQL; a line, or several.
  std::string note;
};

using Statements = std::vector<Statement>;

}  // namespace tenantry::migrate
