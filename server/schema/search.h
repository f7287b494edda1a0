// What of a table can be searched.
#pragma once

#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Characters of one column that are searched, and of all columns together: their words fit into a
// tsvector, which has at most 1 MiB, whatever they are (10 bytes for a character at most,
// measured).
inline constexpr int kSearchedColumnMax = 32'768;
inline constexpr int kSearchedMax = 3 * kSearchedColumnMax;

// Most characters of a question. A word of it has fewer than 2048 bytes then, which PostgreSQL
// wants.
inline constexpr int kSearchLengthMax = 500;

// Sets `table.search` as `options` say. The table's columns and tenant must be set.
void BuildSearch(const v1::SearchOptions& options, Reporter& reporter, Table& table);

}  // namespace tenantry::schema
