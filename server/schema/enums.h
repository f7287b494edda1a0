// Postgres enum types out of proto enums.
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

// `OuterInner` for an enum within a message, else its own name.
std::string FlatName(const google::protobuf::EnumDescriptor& descriptor);
// Postgres namespace of what the file declares.
std::string NamespaceOf(const google::protobuf::FileDescriptor& file);

}  // namespace tenantry::schema
