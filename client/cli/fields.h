// What a column's options say about it, in words.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace tenantry::cli {

// Must be given on Create (the rule is in tenantry/v1/options.proto).
bool IsRequired(const google::protobuf::FieldDescriptor& field);

// "at most 255 characters", "from 0", "from 1 to 9"; empty when there are none.
std::string LimitsOf(const google::protobuf::FieldDescriptor& field);

// The default, an enum's by its short name; empty when there is none.
std::string DefaultOf(const google::protobuf::FieldDescriptor& field);

// The column's type for a description: "string", "uuid", "enum(a, b)", "timestamp", "json",
// "int32[]".
std::string TypeOf(const google::protobuf::FieldDescriptor& field);

// The word for a field's values in help: "NUMBER", "UUID", "TIME", "JSON", "a|b"; empty for a
// switch.
std::string ValueWord(const google::protobuf::FieldDescriptor& field);

}  // namespace tenantry::cli
