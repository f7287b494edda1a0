// google.protobuf.Struct and Value -> JSON text for jsonb.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tenantry::plan {

// The error's message says what jsonb or the API cannot hold: NUL in a string, NaN or infinity, a
// value of no kind, more objects and lists within each other than limits::kJsonDepthMax.
absl::StatusOr<std::string> StructToJson(const google::protobuf::Message& message);
// The same of a google.protobuf.Value.
absl::StatusOr<std::string> ValueToJson(const google::protobuf::Message& message);

}  // namespace tenantry::plan
