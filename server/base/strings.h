// Bridges between std::string_view and abseil's.
//
// Debian 12 builds abseil with a string_view of its own, which does not convert from std's; in
// later versions both are the same type.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace tenantry {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace tenantry
