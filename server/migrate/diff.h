// The difference of two snapshots, as the statements that lead from one to the other.
#pragma once

#include <string>
#include <vector>

#include "server/migrate/emit.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Difference {
  Statements statements;
  // What differs, one line each: `saas.contacts.phone: new column`.
  std::vector<std::string> changes;
  // Changes that are refused, because they would lose data, rewrite a table, or have no safe form.
  // Each line names table and column, and says what to do instead.
  std::vector<std::string> refused;

  bool empty() const { return changes.empty() && refused.empty(); }
};

// A table is recognised by its number (identity_match.h) and a column by its field's number, so
// that a new name is a rename.
Difference Diff(const v1::Snapshot& from, const v1::Snapshot& to);

}  // namespace tenantry::migrate
