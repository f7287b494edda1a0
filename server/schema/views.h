// Tables that a query gives (options.proto, "Views").
#pragma once

#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Makes the table a view, and reports what a view cannot have. Its columns and its key are there.
void BuildView(const v1::TableOptions& options, Reporter& reporter, Table& table);

}  // namespace tenantry::schema
