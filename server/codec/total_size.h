// Reads how many rows there are from the result of a plan::Count.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/rows.h"

namespace tenantry::codec {

// The result of a count is its one value.
std::optional<std::int64_t> CountedRows(const Rows& rows);
// The result of an estimate is what EXPLAIN (FORMAT JSON) says of the whole statement.
std::optional<std::int64_t> EstimatedRows(const Rows& rows);

}  // namespace tenantry::codec
