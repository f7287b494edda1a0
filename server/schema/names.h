// Checks the names that share a namespace of PostgreSQL.
#pragma once

#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Reports names that two objects of the schema would share, and names that files cannot have.
void CheckNames(const std::deque<Table>& tables, const std::deque<EnumType>& enums,
                Reporter& reporter);

}  // namespace tenantry::schema
