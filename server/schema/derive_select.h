// What reads select, in the API.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Whether some method reads the table's rows. Of others no relation reads them either.
bool IsRead(const Table& table);

// The messages `XSelect` and `XListSelect` of a table that is read.
void AddSelect(const ApiLayout& api, const Table& table, FileWriter& queries);

// The field of a request that selects the columns and relations of `table`.
FileWriter::Field SelectField(const ApiLayout& api, const Table& table, int number);

}  // namespace tenantry::schema
