// The first half of a difference: what has only got another name.
#pragma once

#include <string>
#include <vector>

#include "server/migrate/change.h"
#include "server/migrate/steps.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Renaming {
  // `from` after the renames: what is kept has the name that it has in `to`. What goes has a name
  // that nothing in `to` has: it is renamed out of the way where it must.
  v1::Snapshot middle;
  std::vector<Change> changes;
  // What cannot be done, a line each.
  std::vector<std::string> impossible;
};

// Finds out what in `from` is what in `to`: by numbers, else by names, else by definition. Adds the
// renames to `steps`; none of them rebuilds anything. Parts that cannot change in place (indexes,
// keys, foreign keys, checks) are kept only when their definition is the same; otherwise they go,
// and a new one comes.
Renaming Rename(const v1::Snapshot& from, const v1::Snapshot& to, Steps& steps);

}  // namespace tenantry::migrate
