// What rows are ordered by, in the API.
#pragma once

#include <string>

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

std::string ColumnEnumName(const Table& table);  // ContactField
std::string OrderName(const Table& table);       // ContactOrder

// The field of a derived message that names one column of the table.
FileWriter::Field ColumnField(const ApiLayout& api, const Table& table, std::string name,
                              int number);

// The enum of the columns that can be compared, under their numbers; and the message that orders by
// one of them, or by a column of a row that is referred to.
void AddOrder(const ApiLayout& api, const Table& table, FileWriter& queries);

// The field that orders the rows of `table`.
FileWriter::Field OrderField(const ApiLayout& api, const Table& table, int number);

}  // namespace tenantry::schema
