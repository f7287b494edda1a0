// How many rows are asked for.
#pragma once

#include <cstdint>

namespace tenantry::methods {

// 64, 256, 1024, ...: more than `rows`. It is what the database's planner is told, so that pages of
// many sizes share a plan.
inline int RowsMax(std::int64_t rows) {
  int max = 64;
  while (max <= rows) max *= 4;
  return max;
}

}  // namespace tenantry::methods
