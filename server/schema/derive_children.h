// What an Update takes beside its row: changes to the rows that refer to it.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Whether an Update of the table takes changes to rows of any relation.
bool HasChildren(const Table& table);

// The message with a field for each such relation, under its number, and the field of the requests
// that holds it.
void AddChildren(const ApiLayout& api, const Table& table, FileWriter& queries);
FileWriter::Field ChildrenField(const ApiLayout& api, const Table& table);

// Changes to rows of the table, where it is at the other end of such a relation: which are made,
// which are changed, which are deleted.
void AddChanges(const ApiLayout& api, const Table& table, FileWriter& queries);

}  // namespace tenantry::schema
