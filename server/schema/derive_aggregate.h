// Aggregates, in the API.
#pragma once

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// What groups the table's rows, or those that refer to them: a column of the table, or of a row
// that it refers to.
void AddGroupBy(const ApiLayout& api, const Table& table, FileWriter& queries);

// Whether rows of the table are answered with what their relations to many come to.
bool HasRelationAggregates(const Table& table);
// The map in the resource that this is told in.
void AddRelationAggregates(FileWriter& resources);

std::string MeasureName(const Table& table);  // OrderMeasure
// For tables that have aggregates, or that other tables have many rows of.
void AddMeasure(const ApiLayout& api, const Table& table, FileWriter& queries);

}  // namespace tenantry::schema
