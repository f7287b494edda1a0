// JSON to messages and back, on descriptors that came over the wire.
//
// On the way in, names are checked first, so that a mistyped one is reported with its path and the
// nearest name, and enum values may be given short ("company"). On the way out, fields have their
// proto names.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace tenantry::cli {

// Keeps the order of members.
using Json = nlohmann::ordered_json;

// INVALID_ARGUMENT for JSON that is nested so deep that no field could hold it.
absl::Status CheckTextDepth(const std::string& text, const std::string& what);

// INVALID_ARGUMENT with line and column. `what` says where the text is from, as in "--data".
absl::StatusOr<Json> ParseJson(const std::string& text, const std::string& what);

// Fills `message`, which is cleared first. INVALID_ARGUMENT names the member's path; `what` as
// above.
absl::Status FromJson(Json json, const std::string& what, google::protobuf::Message& message);

// `pretty`: over several lines. `path` is where in a reply the message stands. `select`, when there
// is one, is what the rows in it were selected by: other fields have no values. DATA_LOSS names
// what has no form in JSON.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, bool pretty,
                                   const std::string& path = "",
                                   const google::protobuf::Message* select = nullptr);

}  // namespace tenantry::cli
