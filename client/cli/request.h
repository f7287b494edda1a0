// From the words of a command to a request message.
#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/shape.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// Where --data @FILE, --data - and a batch's rows come from.
struct Input {
  std::function<absl::StatusOr<std::string>()> read_stdin;
  bool stdin_is_terminal = true;
  std::istream* lines = nullptr;  // the same, line by line, for as much as no string should hold
};

// Fills `request` from the words after the method: keys, flags, --data. INVALID_ARGUMENT or
// NOT_FOUND in words that a person can act on.
absl::Status BuildRequest(const Shape& shape, const std::vector<std::string>& words,
                          const Input& input, google::protobuf::Message& request);

// The method for all rows that the words name: `get A B` is `batch-get A B`, where there is such a
// method. `scratch` is a request of `method`, which is of no use afterwards.
const Method& ForAllRows(const Resource& resource, const Method& method,
                         const std::vector<std::string>& words, const Input& input,
                         google::protobuf::Message& scratch);

// Sets the field at the end of `path` from text: a number, true or false, the short name of an enum
// value, RFC 3339 for times, JSON for messages. In a repeated field text adds one element, and a
// JSON array sets all. Errors name the field by `flag`.
absl::Status SetField(const FieldPath& path, const std::string& text, const std::string& flag,
                      google::protobuf::Message& request);

}  // namespace tenantry::cli
