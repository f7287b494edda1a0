// How many rows there are, out of the result of a plan::Count.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/rows.h"

namespace tenantry::codec {

// Of a count: the one value of the result.
std::optional<std::int64_t> CountedRows(const Rows& rows);
// Of an estimate: what EXPLAIN (FORMAT JSON) says of the statement as a whole.
std::optional<std::int64_t> EstimatedRows(const Rows& rows);

}  // namespace tenantry::codec
