// `tenantryd generate` and `check`: the schema against the migrations on disk. No database.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

struct Generated {
  std::string name;                  // the new migration's folder; empty when nothing differs
  std::vector<std::string> changes;  // one line each
};

// Writes the next migration into `directory` when the schema differs from the newest snapshot
// there: `0001_initial`, or `NNNN_<label>`. FAILED_PRECONDITION, with every reason, when a change
// is one that is not made by itself, or when the migrations there are for another role prefix;
// nothing is written then.
absl::StatusOr<Generated> Generate(const schema::Schema& schema, const std::string& directory,
                                   const std::string& label = "change",
                                   const std::string& role_prefix = "");

// OK when the migrations lead to the schema; else FAILED_PRECONDITION listing what differs.
absl::Status CheckMigrations(const schema::Schema& schema, const std::string& directory,
                             const std::string& role_prefix = "");

}  // namespace tenantry::migrate
