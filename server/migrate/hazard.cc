#include "server/migrate/hazard.h"

namespace tenantry::migrate {
namespace {

struct Entry {
  Hazard hazard;
  absl::string_view name, meaning;
};

// The worst first.
constexpr Entry kEntries[] = {
    {Hazard::kDeletesData, "DELETES_DATA", "deletes data for good"},
    {Hazard::kAuthzUpdate, "AUTHZ_UPDATE", "changes who may see or write what"},
    {Hazard::kRewritesTable, "REWRITES_TABLE",
     "writes the whole table anew, and nobody reads or writes it meanwhile"},
    {Hazard::kCorrectness, "CORRECTNESS",
     "may turn values into others (rounding, NULL into the default)"},
    {Hazard::kBreaksOldServers, "BREAKS_OLD_SERVERS",
     "breaks servers of the old schema while they still run"},
    {Hazard::kBreaksApiClients, "BREAKS_API_CLIENTS", "breaks clients of the old API"},
    {Hazard::kMayFailOnExistingRows, "MAY_FAIL_ON_EXISTING_ROWS",
     "fails when there are rows that do not fit"},
    {Hazard::kAcquiresAccessExclusiveLock, "ACQUIRES_ACCESS_EXCLUSIVE_LOCK",
     "keeps reads and writes of the table waiting, for a moment unless it says more"},
    {Hazard::kAcquiresShareRowExclusiveLock, "ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK",
     "keeps writes of the tables waiting for a moment"},
    {Hazard::kAcquiresShareLock, "ACQUIRES_SHARE_LOCK",
     "keeps writes of the table waiting while it runs"},
    {Hazard::kImpactsDatabasePerformance, "IMPACTS_DATABASE_PERFORMANCE",
     "reads or writes many rows and takes its time"},
    {Hazard::kIndexBuild, "INDEX_BUILD", "builds an index, which costs reads of the whole table"},
    {Hazard::kIndexDropped, "INDEX_DROPPED", "makes queries slow that used the index"},
    {Hazard::kNeedsNoTransaction, "NEEDS_NO_TRANSACTION",
     "cannot be rolled back with the rest: it is committed by itself"},
    {Hazard::kHasUntrackableDependencies, "HAS_UNTRACKABLE_DEPENDENCIES",
     "depends on functions that no migration of the schema makes"},
    {Hazard::kExtensionVersionChange, "EXTENSION_VERSION_CHANGE",
     "changes the version of an extension"},
    {Hazard::kIsUserGenerated, "IS_USER_GENERATED", "was written by hand: nothing checks it"},
};

const Entry& EntryOf(Hazard hazard) {
  for (const Entry& entry : kEntries) {
    if (entry.hazard == hazard) return entry;
  }
  return kEntries[0];
}

}  // namespace

absl::string_view NameOf(Hazard hazard) { return EntryOf(hazard).name; }

absl::string_view MeaningOf(Hazard hazard) { return EntryOf(hazard).meaning; }

std::optional<Hazard> HazardByName(absl::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.hazard;
  }
  return std::nullopt;
}

const Hazards& AllHazards() {
  static const Hazards all = [] {
    Hazards hazards;
    for (const Entry& entry : kEntries) hazards.push_back(entry.hazard);
    return hazards;
  }();
  return all;
}

bool NeedsAllowance(Hazard hazard) {
  return hazard == Hazard::kDeletesData || hazard == Hazard::kAuthzUpdate ||
         hazard == Hazard::kRewritesTable || hazard == Hazard::kCorrectness;
}

}  // namespace tenantry::migrate
