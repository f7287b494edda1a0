// What writes take beside the row, in the API.
#pragma once

#include <string>

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Columns that an Update can add to: single numbers that callers may change.
std::vector<const Column*> Countable(const Table& table);

// The message that says what is added to them, under their numbers. Only where there are any.
void AddIncrement(const ApiLayout& api, const Table& table, FileWriter& queries);
FileWriter::Field IncrementField(const ApiLayout& api, const Table& table, int number);

// Behind "the row": that a Create takes rows of its relations too, where it does.
std::string RowsOfRelations(const Table& table);

// The condition that a row must meet for it to be written.
FileWriter::Field RequireField(const ApiLayout& api, const Table& table);

}  // namespace tenantry::schema
