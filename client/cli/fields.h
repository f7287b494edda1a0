// What the API says about a field, in words.
#pragma once

#include <string>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {

// What the field may be used for.
bool HasBehavior(const google::protobuf::FieldDescriptor& field,
                 google::api::FieldBehavior behavior);
// Holds rows of another resource.
bool IsRelation(const google::protobuf::FieldDescriptor& field);
// What a string is.
tenantry::v1::Format FormatOf(const google::protobuf::FieldDescriptor& field);

// "at most 255 characters", "from 0", "from 1 to 9"; empty when there are none.
std::string LimitsOf(const google::protobuf::FieldDescriptor& field);

// The column's type for a description: "string", "uuid", "enum(a, b)", "timestamp", "json",
// "int32[]".
std::string TypeOf(const google::protobuf::FieldDescriptor& field);

// The word for a field's values in help: "NUMBER", "UUID", "TIME", "JSON", "a|b"; empty for a
// switch.
std::string ValueWord(const google::protobuf::FieldDescriptor& field);

}  // namespace tenantry::cli
