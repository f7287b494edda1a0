// The text of a derived file.
#pragma once

#include <string>

#include "google/protobuf/descriptor.pb.h"

namespace tenantry::schema {

// As `buf format` would have it, comments from source_code_info. Knows the elements that derived
// files are made of: top-level messages, enums and services in proto3, language options, options of
// methods.
std::string PrintFile(const google::protobuf::FileDescriptorProto& file);

}  // namespace tenantry::schema
