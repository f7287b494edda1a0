// The methods of one table in the API.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The service with its methods and their messages go to `services`; filter, order and keys, which
// other tables' messages may use too, go to `queries`.
void AddTable(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries);

// Names within the API's package.
std::string ServiceName(const Table& table);                      // ContactService
std::string MethodName(const Table& table, v1::MethodKind kind);  // GetContact, BatchGetContacts
std::string EnumFilterName(const google::protobuf::EnumDescriptor& type);  // ContactTypeFilter

}  // namespace tenantry::schema
