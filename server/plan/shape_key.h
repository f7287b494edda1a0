// Keys of the plan cache: what distinguishes the shapes of one method. Columns stand in them by
// their field numbers, so a shape has the same key on every server of a roll-out, wherever a new
// field is declared; page tokens depend on it.
#pragma once

#include <string>
#include <vector>

#include "server/plan/statements.h"

namespace tenantry::plan {

// Comes before the key of a shape of the n-th method. Ends where the shape begins.
std::string KeyPrefix(std::size_t method);

// Short shapes fit into the string itself: no allocation on a cache hit.
std::string ShapeKey(const ListShape& shape);
// `conflict_key`: constant of the unique key of an upsert, 0 otherwise.
std::string ShapeKey(const std::vector<Assignment>& assignments, int conflict_key);

}  // namespace tenantry::plan
