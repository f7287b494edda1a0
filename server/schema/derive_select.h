// What reads select, in the API.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// A boolean for each readable column and a field for each relation to a table that is read.
void AddSelect(const ApiLayout& api, const Table& table, FileWriter& queries);
// What other tables' selects say of the table's rows when they have many of them.
void AddListSelect(const ApiLayout& api, const Table& table, FileWriter& queries);

// The field of a request that selects the columns and relations of `table`.
FileWriter::Field SelectField(const ApiLayout& api, const Table& table, int number);

}  // namespace tenantry::schema
