// Type changes that would rewrite a table, by expand and contract: nobody waits for longer than a
// moment.
#pragma once

#include <string>
#include <vector>

#include "server/migrate/change.h"
#include "server/migrate/statement.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct OnlineChange {
  Statements statements;
  std::vector<Change> changes;
  // The model when the statements have run: that of before, with the new types.
  v1::Snapshot after;
  // Why the columns cannot get their types in this way, a line each; nothing is to be done then.
  std::vector<std::string> obstacles;
};

// Every column that exists in both models and whose values would be written anew. The names are the
// same in both models (rename.h). The steps:
//
//   1. A new column beside each. A trigger fills it from the old one whenever a row is written; a
//      check holds both in step. The trigger's function reads no table and runs as whoever writes.
//   2. Rows that were there before are filled in batches, each in its own transaction. Row-level
//      security is forced, so a policy shows the rows to the owner meanwhile, and to nobody else.
//   3. The check is validated: every row holds its value. Then keys, indexes, checks and foreign
//      keys with the old column are built once more with the new one.
//   4. The switch, in one short transaction: what has the old column goes, and the new column with
//      all that is built on it takes its name.
OnlineChange ChangeTypesOnline(const v1::Snapshot& middle, const v1::Snapshot& to);

}  // namespace tenantry::migrate
