// Turns google.protobuf.Struct and Value into JSON text for jsonb.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tenantry::plan {

// An error says what jsonb or the API cannot hold: a NUL in a string, NaN or infinity, a value
// without a kind, or more than limits::kJsonDepthMax objects and lists within each other.
absl::StatusOr<std::string> StructToJson(const google::protobuf::Message& message);
// The same for a google.protobuf.Value.
absl::StatusOr<std::string> ValueToJson(const google::protobuf::Message& message);

}  // namespace tenantry::plan
