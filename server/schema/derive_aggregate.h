// Aggregates, in the API.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// What groups the table's rows, or those that refer to them: a column of the table, or of a row
// that it refers to.
void AddGroupBy(const ApiLayout& api, const Table& table, FileWriter& queries);

}  // namespace tenantry::schema
