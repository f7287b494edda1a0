// What a bootstrap would do to a database and its cluster, found out by reading alone.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/bootstrap.h"
#include "server/pg/system.h"

namespace tenantry::migrate {

struct Effect {
  std::string words;    // what becomes of it, as the end of a sentence: `create role tenantry_app`
  std::string sql;      // one or more statements
  std::string as_role;  // the role that executes it; empty: whoever is connected
};

struct BootstrapPlan {
  std::vector<Effect> effects;  // in order; none: all is there already
  std::vector<std::string> notes;
};

// The beginning of the comment on a role that a bootstrap made. Such a role is ours: later
// bootstraps bring its attributes into line.
inline constexpr char kMadeMark[] = "Made by Tenantry.";
// In the comment on a role that an operator gave to Tenantry (adopt_roles).
inline constexpr char kAdoptedMark[] = "[used by Tenantry]";

// FAILED_PRECONDITION with all that stands in the way, one per line.
absl::StatusOr<BootstrapPlan> PlanBootstrap(pqxx::work& tx, const BootstrapOptions& options);

}  // namespace tenantry::migrate
