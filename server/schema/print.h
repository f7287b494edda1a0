// The text of a derived file.
#pragma once

#include <string>

#include "google/protobuf/descriptor.pb.h"

namespace tenantry::schema {

// The text as `buf format` would write it. Comments are taken from source_code_info. Only the
// elements that derived files have are known: messages with fields and enums, enums, services, and
// options, also those that are extensions.
std::string PrintFile(const google::protobuf::FileDescriptorProto& file);

}  // namespace tenantry::schema
