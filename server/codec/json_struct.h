// Turns JSON text into the wire bytes of google.protobuf.Struct.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenantry::codec {

enum class StructResult {
  kDone,
  kUnreadable,  // no JSON object, a number beyond double, or nested deeper than limits.h allows
  kTooLarge,
};

// Appends the message's bytes, and stops once they are more than `bytes_max`. What was appended
// before a failure is left in `out`.
StructResult AppendStruct(std::string_view json, std::size_t bytes_max, std::string& out);

}  // namespace tenantry::codec
