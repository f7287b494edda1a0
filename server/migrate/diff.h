// The difference of two models, as the statements that lead from one to the other.
#pragma once

#include <string>
#include <vector>

#include "server/migrate/change.h"
#include "server/migrate/statement.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Difference {
  Statements statements;        // in the order in which they run
  std::vector<Change> changes;  // what differs
  // Changes that no statements can be made for: a line each, which names table and column, and says
  // what to do instead.
  std::vector<std::string> impossible;
  // Why types change in place although DiffOptions::online asks for more; a line each.
  std::vector<std::string> not_online;

  bool empty() const { return changes.empty() && impossible.empty(); }
  // One line for each change and for what is impossible.
  std::vector<std::string> Lines() const;
};

struct DiffOptions {
  // Columns whose type changes are made anew beside the old ones (online_types.h). Without it the
  // table is written anew in place, which is shorter, and keeps everybody out while it lasts.
  bool online = false;
};

// Two halves: what has only got another name is renamed (rename.h); then both models have the same
// names, and what differs under a name is changed, made or dropped (diff_table.h).
//
// Online forms: nothing keeps reads or writes waiting for longer than a moment, unless a hazard of
// the statement says so. What takes the place of an index or a constraint is there before the old
// one goes.
Difference Diff(const v1::Snapshot& from, const v1::Snapshot& to, const DiffOptions& options = {});

}  // namespace tenantry::migrate
