// Times as people write them in flags.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace tenantry::client {

// "500ms", "10s", "2m", "1h", or seconds without a unit; a day at most.
std::optional<std::chrono::milliseconds> ParseTime(const std::string& text);

}  // namespace tenantry::client
