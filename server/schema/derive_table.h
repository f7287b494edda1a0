// The methods of one table in the API.
#pragma once

#include <string>
#include <vector>

#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The service with its methods and their messages go to `services`; order and keys go to `queries`.
void AddTable(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries);

// Its name within the API's package: ContactService.
std::string ServiceName(const Table& table);

}  // namespace tenantry::schema
