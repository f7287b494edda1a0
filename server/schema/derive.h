// The derived service files: for each file with tables, their standard methods (DESIGN.md, "API
// conventions"; AIP-131 to AIP-137, AIP-231, AIP-233).
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// `saas/crm/v1/crm.proto` -> `saas/crm/v1/crm_service.proto`.
std::string ServiceFileName(const google::protobuf::FileDescriptor& file);

// One file for each of `files` that declares a table or an enum that a column uses, in the same
// order. Their comments are in source_code_info.
std::vector<google::protobuf::FileDescriptorProto> DeriveServiceFiles(
    const std::vector<const google::protobuf::FileDescriptor*>& files,
    const std::deque<Table>& tables);

}  // namespace tenantry::schema
