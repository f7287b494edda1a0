// What one table adds to its service file.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The service with its methods, their messages, filter, order and keys.
void AddTable(const Table& table, FileWriter& writer);

// Names within the package of the table's message, or of the enum.
std::string ServiceName(const Table& table);                      // ContactService
std::string MethodName(const Table& table, v1::MethodKind kind);  // GetContact, BatchGetContacts
std::string EnumFilterName(const google::protobuf::EnumDescriptor& type);  // ContactTypeFilter

}  // namespace tenantry::schema
