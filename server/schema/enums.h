// Makes PostgreSQL's enum types from enums of the proto files.
#pragma once

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The enum types that columns use, each built and checked at its first use.
class EnumTypes {
 public:
  EnumTypes(std::deque<EnumType>& types, Reporter& reporter) : types_(types), reporter_(reporter) {}

  const EnumType* Get(const google::protobuf::EnumDescriptor& descriptor);

 private:
  void CheckPlace(const google::protobuf::EnumDescriptor& descriptor);
  void CheckNumbers(const google::protobuf::EnumDescriptor& descriptor);
  void AddValue(const google::protobuf::EnumValueDescriptor& value, EnumType& type);

  std::deque<EnumType>& types_;
  Reporter& reporter_;
  absl::flat_hash_map<const google::protobuf::EnumDescriptor*, const EnumType*> by_descriptor_;
};

// The name of the enum. For an enum within a message the message's name stands before it:
// `OuterInner`.
std::string FlatName(const google::protobuf::EnumDescriptor& descriptor);
// The namespace in PostgreSQL of what the file declares.
std::string NamespaceOf(const google::protobuf::FileDescriptor& file);

}  // namespace tenantry::schema
