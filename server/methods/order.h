// What rows are ordered by.
#pragma once

#include <optional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/query.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// Adds to `order` what `field` of `holder` says, a list of messages of the table's order type. The
// primary key comes last, so that no two rows are equal. `path` is that of the holder. `rank` is
// that of what is searched for, if anything is: the order where `field` is empty.
void TakeOrder(const schema::Table& table, const google::protobuf::Message& holder,
               const google::protobuf::FieldDescriptor& field, const plan::Path& path,
               const RequestLimits& limits, const std::optional<plan::OrderTerm>& rank,
               std::vector<plan::OrderTerm>& order, plan::Violations& violations);

// The same order from its end on.
void TurnRound(std::vector<plan::OrderTerm>& order);

}  // namespace tenantry::methods
