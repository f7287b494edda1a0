// What the migrations of a folder lead to, also when they come from several branches.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/folder.h"

namespace tenantry::migrate {

struct History {
  // What a database is like that has all of them; nothing in an empty folder. Without parents.
  std::optional<v1::Snapshot> model;
  // The newest migrations, which no other follows: one, or one of each branch.
  std::vector<std::string> heads;
};

// Each migration with a snapshot follows those that its snapshot names as parents; without any, the
// one before it by name. Two that follow the same one come from two branches. They are merged when
// they touch different things; FAILED_PRECONDITION names what both touch, and a parent that is
// not there.
absl::StatusOr<History> HistoryOf(const std::vector<Migration>& migrations);

}  // namespace tenantry::migrate
