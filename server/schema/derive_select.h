// The messages that say what a read selects.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The select has a boolean for each readable column, a field for each relation to a table that is
// read, and one for what those to many come to.
void AddSelect(const ApiLayout& api, const Table& table, FileWriter& queries);
// What a select says of aggregates. For a table that has some relation to many.
void AddAggregatesSelect(const ApiLayout& api, const Table& table, FileWriter& queries);
// The select that other tables have on the rows of this one, for relations to many.
void AddListSelect(const ApiLayout& api, const Table& table, FileWriter& queries);

// The field of a request that selects the columns and relations of `table`.
FileWriter::Field SelectField(const ApiLayout& api, const Table& table, int number);

}  // namespace tenantry::schema
