// Makes functions from the methods of a schema's services.
#pragma once

#include <deque>
#include <string>

#include "google/protobuf/descriptor.h"
#include "server/schema/enums.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Whether methods of the service are bound to functions. Other services are somebody else's.
bool HasFunctions(const google::protobuf::ServiceDescriptor& service);

// Adds a function for each method of such a service. Their replies may be of the tables, which are
// all there.
void BuildFunctions(const google::protobuf::ServiceDescriptor& service,
                    const std::deque<Table>& tables, EnumTypes& enums, Reporter& reporter,
                    std::deque<Function>& functions);

// Reports what two functions share and may not, those that compute fields of the tables included.
void CheckFunctions(const std::deque<Function>& functions, const std::deque<Table>& tables,
                    Reporter& reporter);

// Reads the body of each function from `<directory>/<name>.sql`. Reports those that are missing or
// cannot be bodies, and files that no function is bound to.
void ReadBodies(const std::string& directory, std::deque<Function>& functions,
                std::deque<Table>& tables, Reporter& reporter);

}  // namespace tenantry::schema
