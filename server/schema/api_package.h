// The package of the API.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The package that the option `api_package` of the files names. Without the option it is the
// package of the files with tables, which must be one, and `.v1`. Reports a package that is not
// possible.
std::string ApiPackage(const std::vector<const google::protobuf::FileDescriptor*>& files,
                       const std::deque<Table>& tables, Reporter& reporter);

}  // namespace tenantry::schema
