// Requests of functions, from the Schema alone: which rows an argument is about, its name tells.
#pragma once

#include <functional>
#include <optional>

#include "tests/support/rows.h"

namespace tenantry::test {

// A column of a table, as an argument names it.
struct Target {
  const schema::Table* table;
  const schema::Column* column;
};
// `contact_id` is a contact's key, and `shipping_address_id` what a foreign key of that name refers
// to. Nothing for an argument that names no row.
std::optional<Target> TargetOf(const schema::Schema& schema,
                               const schema::Function::Argument& argument);

// The row of a table that an argument is to name; null leaves the argument unset.
using RowOf = std::function<const google::protobuf::Message*(const schema::Table&)>;

// Asks for as much as it can: for all times, for no choice, for the least of each number. Its lists
// have one entry.
MessagePtr FunctionRequest(const schema::Schema& schema, const schema::Method& method,
                           RowFactory& factory, const RowOf& row_of);

// Lets the argument, in the first entry where it is of a list, name this row of its target.
void NameRow(const schema::Function::Argument& argument, const Target& target,
             const google::protobuf::Message& row, google::protobuf::Message& request);

}  // namespace tenantry::test
