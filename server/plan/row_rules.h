// Checks the rules over several columns of a row that a request writes.
#pragma once

#include "absl/functional/function_ref.h"
#include "google/protobuf/message.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

// Adds a violation for each rule that the row breaks. A rule is looked at when the request has all
// of its columns; the others are the table's CHECK alone. `is_known`: the row that is written has
// the column as the request says it, also when that is NULL. A default is the database's to know.
void CheckRowRules(const schema::Table& table, const google::protobuf::Message& row,
                   const Path& path, absl::FunctionRef<bool(const schema::Column&)> is_known,
                   Violations& violations);

}  // namespace tenantry::plan
