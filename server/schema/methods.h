// Which standard methods a table has.
#pragma once

#include <vector>

#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Those that `options` ask for, or all that fit, in MethodKind order. Reports the ones that do not
// fit. The table's columns, keys and tenant must be set.
std::vector<v1::MethodKind> ChooseMethods(const Table& table, const v1::TableOptions& options,
                                          Reporter& reporter);

bool IsRead(v1::MethodKind kind);

}  // namespace tenantry::schema
