// Functions, in the API: their services, with requests and replies as the schema has them.
#pragma once

#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Adds the service and the methods that are bound to functions. `added`: messages that several
// functions share, those that were added before.
void AddFunctionService(const ApiLayout& api, const google::protobuf::ServiceDescriptor& service,
                        const std::deque<Function>& functions,
                        std::set<const google::protobuf::Descriptor*>& added, FileWriter& writer);

}  // namespace tenantry::schema
