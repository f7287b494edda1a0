// The resource in a request, and the row that it becomes.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The message in `field`, or null and a violation.
const google::protobuf::Message* Resource(const google::protobuf::Message& request,
                                          const google::protobuf::FieldDescriptor* field,
                                          const plan::Path& path, plan::Violations& violations);

// What an insert writes: the columns that callers set, their values from slot `first` on, and the
// managed times, so that the statement does not lean on defaults of the DDL.
std::vector<plan::Assignment> InsertedValues(const schema::Table& table, int first);

// The statement that inserts a row, with these values. It returns the columns that replies may
// have.
plan::Insert InsertOf(const schema::Table& table);

// Calls `each` with every column whose value comes from the request, in the order of their slots.
template <typename Each>
void ForEachInserted(const schema::Table& table, Each each) {
  for (const schema::Column& column : table.columns) {
    if (column.is_settable()) each(column);
  }
}

// Adds the values for InsertedValues to the call, of one resource or of all of Call::rows.
void AddInserted(const schema::Table& table, const google::protobuf::Message& resource,
                 plan::Call& call);
void AddInsertedRows(const schema::Table& table, plan::Call& call);

// Appends the time of a write to the values that it sets, where the table keeps it.
void AppendUpdateTime(const schema::Table& table, std::vector<plan::Assignment>& values);

}  // namespace tenantry::methods
