// One column out of one field.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "server/schema/enums.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Fills `column` but for its index, and reports what does not fit. With errors reported the column
// is still usable, so that keys that name it raise no errors of their own.
void BuildColumn(const google::protobuf::FieldDescriptor& field, EnumTypes& enums,
                 Reporter& reporter, Column& column);

// As messages speak of it: `uuid`, `timestamptz`, `text[]`.
std::string DescribeType(const Column& column);

bool IsManagedTime(v1::Managed managed);

}  // namespace tenantry::schema
