// The API that follows from the tables (DESIGN.md, "The schema is private, the API is public" and
// "API conventions"; AIP-131 to AIP-137, AIP-203, AIP-231, AIP-233).
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Where the parts of the API are.
struct ApiLayout {
  std::string package;        // saas.v1
  bool comments = true;       // whether its files have comments, in source_code_info
  bool buf_validate = false;  // rules are options of protovalidate too

  // `saas/v1/` and the name.
  std::string File(absl::string_view name) const;
  std::string resources() const { return File("resources.proto"); }
  std::string queries() const { return File("queries.proto"); }
  // The services of the tables that `file` declares: `saas/crm.proto` ->
  // `saas/v1/crm_service.proto`.
  std::string services(const google::protobuf::FileDescriptor& file) const;
  // The full name of what the package declares as `name`.
  std::string Name(absl::string_view name) const;
  // Full names of the message of a table and of the copy of an enum.
  std::string Resource(const Table& table) const;
  std::string Enum(const google::protobuf::EnumDescriptor& type) const;
};

// What a derived name comes from: a table, an enum or a service of functions.
struct DerivedOwner {
  const google::protobuf::Descriptor* table = nullptr;
  const google::protobuf::EnumDescriptor* enum_type = nullptr;
  const google::protobuf::ServiceDescriptor* service = nullptr;
  friend bool operator==(const DerivedOwner&, const DerivedOwner&) = default;
};

struct DerivedFile {
  google::protobuf::FileDescriptorProto proto;
  // The full name and the owner of everything that the file adds to its package, in the order of
  // the file. A name is here twice when two parts of the schema make it.
  std::vector<std::pair<std::string, DerivedOwner>> owners;
};

// The files of the API, each after those that it imports.
std::vector<DerivedFile> DeriveApi(
    const ApiLayout& api, const std::vector<const google::protobuf::FileDescriptor*>& files,
    const std::deque<Table>& tables, const std::deque<Function>& functions);

}  // namespace tenantry::schema
