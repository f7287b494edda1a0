// A database with the rows of a case, a pending migration, and what the migration says of itself.
#pragma once

#include <functional>
#include <string>

#include "server/schema/schema.h"
#include "tests/pg/migrate/cases.h"
#include "tests/pg/migrate/evolution.h"

namespace tenantry::migrate {

struct Rollout {
  // `copies`: the case's rows are made for this many tenants.
  explicit Rollout(const Case& test, int copies = 1, const Hazards& allow = AllowAll());

  bool Says(Hazard hazard) const;
  // What the summary allows to fail.
  bool BreaksOldServers() const;
  bool BreaksClients() const;

  // All rows but those of the case: what clients have written may be in the way of the migration.
  void RemoveWritten() const;

  // Applies the migration and calls `between` after each of its sections but the last.
  void ApplyBySections(const std::function<void(std::size_t done)>& between) const;

  const Case& test;
  const schema::Schema &before, &after;
  Evolution evolution;
  std::string name;           // of the migration
  std::string summary;        // its hazards
  std::string client_breaks;  // what generate says that it breaks
};

}  // namespace tenantry::migrate
