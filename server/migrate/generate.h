// `tenantryd generate` and `check`: the schema against the migrations on disk. No database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/migrate/diff.h"
#include "server/migrate/hazard.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

struct GenerateOptions {
  std::string directory;
  std::string label = "change";
  std::string role_prefix;
  // What the migration may do although it is dangerous (NeedsAllowance in hazard.h).
  Hazards allow;
  // For steps that somebody writes by hand: data migrations, and what no statement can be made for.
  // Written even when nothing differs. The snapshot is as if all had been done.
  bool custom = false;
  // Writes the newest migration anew, which no database may have applied yet.
  bool amend = false;
};

struct Generated {
  std::string name;                  // the new migration's folder; empty when nothing differs
  std::vector<std::string> changes;  // one line each
  std::vector<std::string> hazards;  // one line each, the worst first
};

// Writes the next migration into the directory when the schema differs from what the migrations
// there lead to: `0001_initial`, or `NNNN_<label>`. FAILED_PRECONDITION, with every reason, when a
// change needs to be allowed or written by hand, or when the migrations there are for another role
// prefix; nothing is written then.
absl::StatusOr<Generated> Generate(const schema::Schema& schema, const GenerateOptions& options);

// From one model to the next, the first one being nothing in an empty database. FAILED_PRECONDITION
// when a change is impossible, or dangerous and not allowed.
absl::StatusOr<Difference> SafeDifference(const std::optional<v1::Snapshot>& from,
                                          const v1::Snapshot& to, const Hazards& allow);

// OK when the migrations lead to the schema; else FAILED_PRECONDITION listing what differs.
absl::Status CheckMigrations(const schema::Schema& schema, const std::string& directory,
                             const std::string& role_prefix = "");

}  // namespace tenantry::migrate
