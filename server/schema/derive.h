// The derived service files: for each file with tables, their standard methods (DESIGN.md, "API
// conventions"; AIP-131 to AIP-137, AIP-231, AIP-233).
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// `saas/crm/v1/crm.proto` -> `saas/crm/v1/crm_service.proto`.
std::string ServiceFileName(const google::protobuf::FileDescriptor& file);

// What a derived name comes from: the one or the other.
struct DerivedOwner {
  const google::protobuf::Descriptor* table = nullptr;
  const google::protobuf::EnumDescriptor* enum_type = nullptr;
};

struct DerivedFile {
  google::protobuf::FileDescriptorProto proto;
  // Of every name that the file adds to its package, in full form. A name that stands twice in the
  // file is here once.
  std::map<std::string, DerivedOwner> owners;
};

// One file for each of `files` that declares a table or an enum that a column uses, in the same
// order. Their comments are in source_code_info.
std::vector<DerivedFile> DeriveServiceFiles(
    const std::vector<const google::protobuf::FileDescriptor*>& files,
    const std::deque<Table>& tables);

}  // namespace tenantry::schema
