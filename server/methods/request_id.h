// The request_id of a write (call/once.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/ids.h"

namespace tenantry::methods {

inline constexpr char kRequestIdRule[] =
    "must be a UUID, as in 0192f0c1-2d3e-7f4a-8b5c-6d7e8f901234";

// Its 16 bytes; none for an empty text, which is no id. Nothing for a text that breaks the rule.
inline std::optional<std::string> RequestIdOf(std::string_view text) {
  if (text.empty()) return "";
  std::uint8_t bytes[16];
  if (!ParseUuid(text, bytes)) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

}  // namespace tenantry::methods
