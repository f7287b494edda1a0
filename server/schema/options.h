// The annotations of a descriptor, as typed messages.
//
// Options of descriptors built in another pool than the generated one may sit there as unknown
// fields or as extensions of that pool; both are read by way of their bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/api.pb.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::schema {

// Without the option: the default instance, except where absence matters.
v1::DatabaseOptions DatabaseOf(const google::protobuf::FileDescriptor& file);
std::optional<v1::TableOptions> TableOf(const google::protobuf::Descriptor& message);
v1::ColumnOptions ColumnOf(const google::protobuf::FieldDescriptor& field);
v1::EnumTypeOptions EnumTypeOf(const google::protobuf::EnumDescriptor& type);
std::optional<std::string> LabelOf(const google::protobuf::EnumValueDescriptor& value);
// Of the API's fields: what a field may be used for, and what its values may be.
std::vector<google::api::FieldBehavior> BehaviorOf(const google::protobuf::FieldDescriptor& field);
v1::ValueOptions ValuesOf(const google::protobuf::FieldDescriptor& field);
// Whether a file, which is not built yet, was derived.
bool IsGenerated(const google::protobuf::FileDescriptorProto& file);

}  // namespace tenantry::schema
