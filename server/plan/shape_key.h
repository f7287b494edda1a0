// Keys of the plan cache: what distinguishes the shapes of one method.
#pragma once

#include <string>
#include <vector>

#include "server/plan/statements.h"

namespace tenantry::plan {

// Short shapes fit into the string itself: no allocation on a cache hit.
std::string ShapeKey(const ListShape& shape);
// `conflict_key`: constant of the unique key of an upsert, 0 otherwise.
std::string ShapeKey(const std::vector<Assignment>& assignments, int conflict_key);

}  // namespace tenantry::plan
