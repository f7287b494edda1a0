// The annotations of a descriptor, as typed messages.
//
// Descriptors of another pool than the generated one may hold their options as unknown fields or as
// extensions of that pool. Both are read by way of their bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/api.pb.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::schema {

// Without the option these return the default instance, except where absence matters.
v1::DatabaseOptions DatabaseOf(const google::protobuf::FileDescriptor& file);
std::optional<v1::TableOptions> TableOf(const google::protobuf::Descriptor& message);
v1::ColumnOptions ColumnOf(const google::protobuf::FieldDescriptor& field);
v1::EnumTypeOptions EnumTypeOf(const google::protobuf::EnumDescriptor& type);
std::optional<v1::FunctionOptions> FunctionOf(const google::protobuf::MethodDescriptor& method);
std::optional<std::string> LabelOf(const google::protobuf::EnumValueDescriptor& value);
// What a field of the API may be used for, and what its values may be.
std::vector<google::api::FieldBehavior> BehaviorOf(const google::protobuf::FieldDescriptor& field);
v1::ValueOptions ValuesOf(const google::protobuf::FieldDescriptor& field);
// Whether the file was derived. It need not be built yet.
bool IsGenerated(const google::protobuf::FileDescriptorProto& file);

}  // namespace tenantry::schema
