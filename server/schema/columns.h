// Makes a column from a field.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "server/schema/enums.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Fills all of `column` except its index, and reports what does not fit. A column with errors can
// still be used, so that keys that name it cause no further errors.
void BuildColumn(const google::protobuf::FieldDescriptor& field, EnumTypes& enums,
                 Reporter& reporter, Column& column);

// The type's name in error messages: `uuid`, `timestamptz`, `text[]`.
std::string DescribeType(const Column& column);

// The type as arguments and results of functions have it, without length and precision.
std::string PlainType(const Column& column);

bool IsManagedTime(v1::Managed managed);

}  // namespace tenantry::schema
