// What is searched for.
#pragma once

#include <optional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// Adds to `where` that a row matches the text of `field`, which is null where the table cannot be
// searched, and ties the call's tokens to it. Gives what rows are ordered by to have the best match
// first; nothing when there is no text.
std::optional<plan::OrderTerm> TakeSearch(const schema::Table& table,
                                          const google::protobuf::Message& request,
                                          const google::protobuf::FieldDescriptor* field,
                                          plan::Call& call, std::vector<plan::Expr>& where,
                                          plan::Violations& violations);

}  // namespace tenantry::methods
