// How large a row is in a reply, and SQL that refuses a write which makes it too large.
//
// A row that no reply can carry could be written and never read. What an insert writes is known
// before the database is asked (codec's CheckWrittenSize). An update keeps columns that the request
// does not have, so the statement itself measures the row that it leaves. Only tables with columns
// whose values may be long are measured: others keep their plain statements.
#pragma once

#include <cstddef>
#include <string>

#include "server/plan/query.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

// What each comma and bracket in the text of JSON, or of an array, may stand for in a reply, beside
// itself: `1, ` becomes eleven bytes of a Struct, with the tags and lengths around them.
inline constexpr int kSeparatorGrowthMax = 12;

// Bytes that a row may have in a reply beyond those of the message that it was made from: what the
// server, a default or the column's scale adds.
std::size_t RowGrowth(const schema::Table& table);

// An SQL expression over the row `t`, for the end of a RETURNING list: it raises TN001
// (base/sqlstate.h) when the row has more than `bytes_max` bytes in a reply. Empty when no row of
// the table can be so large.
std::string RowSizeCheck(const schema::Table& table, std::size_t bytes_max);

// An SQL expression over the row `t`: how many bytes it has in a reply that holds these columns, or
// a little more.
std::string RowSize(const Columns& columns);

// An SQL expression over the row `alias`: about how many bytes its long values have. Quick, and not
// much more than they have in a reply. Empty when the table has no long values.
std::string LongValuesSize(const schema::Table& table, const std::string& alias);
// The same of the keys and measures of a group.
std::string LongValuesSize(const Aggregate& aggregate);

}  // namespace tenantry::plan
