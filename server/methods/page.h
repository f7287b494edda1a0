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

// The rows that `field` of `holder` says to pass over, if any. `path` is that of the holder.
std::optional<plan::Slot> TakeSkip(const google::protobuf::Message& holder,
                                   const google::protobuf::FieldDescriptor& field,
                                   const plan::Path& path, plan::Call& call,
                                   plan::Violations& violations);

}  // namespace tenantry::methods
