// Two models that were made from one, apart from each other, as one.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Branch {
  std::string name;  // of the migration, for messages
  const v1::Snapshot& model;
};

// What only one of them has changed since `base` is as that one has it. FAILED_PRECONDITION names
// what both have changed, and not in the same way.
absl::StatusOr<v1::Snapshot> Merge(const v1::Snapshot& base, const Branch& ours,
                                   const Branch& theirs);

}  // namespace tenantry::migrate
