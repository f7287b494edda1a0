// The text of a derived file.
#pragma once

#include <string>

#include "google/protobuf/descriptor.pb.h"

namespace tenantry::schema {

// As `buf format` would have it, comments from source_code_info. Knows the elements that derived
// files are made of: messages with fields and enums, enums and services in proto3, and options,
// also those that are extensions.
std::string PrintFile(const google::protobuf::FileDescriptorProto& file);

}  // namespace tenantry::schema
