// What an operator should know of a statement before it runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenantry::migrate {

// The names are pg-schema-diff's where it has one. A hazard is of one statement; the summary of a
// migration counts them.
enum class Hazard {
  kDeletesData,
  kAuthzUpdate,
  kRewritesTable,
  kCorrectness,
  kBreaksOldServers,
  kBreaksApiClients,
  kMayFailOnExistingRows,
  kAcquiresAccessExclusiveLock,
  kAcquiresShareRowExclusiveLock,
  kAcquiresShareLock,
  kImpactsDatabasePerformance,
  kIndexBuild,
  kIndexDropped,
  kNeedsNoTransaction,
  kHasUntrackableDependencies,
  kExtensionVersionChange,
  kIsUserGenerated,
};

using Hazards = std::vector<Hazard>;

// `DELETES_DATA`, as in up.sql and in --allow.
absl::string_view NameOf(Hazard hazard);
// What it means, as the end of a sentence that begins with the statement.
absl::string_view MeaningOf(Hazard hazard);
std::optional<Hazard> HazardByName(absl::string_view name);
// Every hazard, the worst first.
const Hazards& AllHazards();
// A migration that loses data, changes who may see what, or stops a table for long is written only
// when somebody has said so.
bool NeedsAllowance(Hazard hazard);

}  // namespace tenantry::migrate
