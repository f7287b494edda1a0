// Names that meet in one namespace of PostgreSQL.
#pragma once

#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Reports what two of the schema's objects cannot both be called, and names of files that cannot
// be.
void CheckNames(const std::deque<Table>& tables, const std::deque<EnumType>& enums,
                Reporter& reporter);

}  // namespace tenantry::schema
