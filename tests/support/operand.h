// Operators of filters, set for any column.
#pragma once

#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::test {

// Sets `op` in `operators`, a message of the column's operators, with the value that `row` has in
// the column: so that the row meets it where the operator allows that. False when the row has none.
bool SetOperand(const schema::Column& column, const google::protobuf::FieldDescriptor* op,
                const google::protobuf::Message& row, google::protobuf::Message& operators);

}  // namespace tenantry::test
