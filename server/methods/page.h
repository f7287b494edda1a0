// How many rows are asked for.
#pragma once

#include <cstdint>
#include <optional>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"

namespace tenantry::methods {

// 64, 256, 1024, ...: more than `rows`. It is what the database's planner is told, so that pages of
// many sizes share a plan.
inline int RowsMax(std::int64_t rows) {
  int max = 64;
  while (max <= rows) max *= 4;
  return max;
}

// How many rows `field` of `holder` says to pass over. `path` is that of the holder.
std::int64_t SkipOf(const google::protobuf::Message& holder,
                    const google::protobuf::FieldDescriptor& field, const plan::Path& path,
                    plan::Violations& violations);
// The slot of that, which a page has where rows are passed over.
std::optional<plan::Slot> AddSkip(std::int64_t skip, plan::Call& call);

}  // namespace tenantry::methods
