// The package of the API.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// What the files' option `api_package` says, or else the one package of the files with tables and
// `.v1`. Reports what cannot be.
std::string ApiPackage(const std::vector<const google::protobuf::FileDescriptor*>& files,
                       const std::deque<Table>& tables, Reporter& reporter);

}  // namespace tenantry::schema
