#include "client/cpp/time_text.h"

#include <cstdint>
#include <map>

#include "absl/strings/numbers.h"

namespace tenantry::client {

std::optional<std::chrono::milliseconds> ParseTime(const std::string& text) {
  static const std::map<std::string, double> kUnits = {
      {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  const std::string::size_type end = text.find_first_not_of("0123456789.");
  const auto unit = kUnits.find(end == std::string::npos ? "" : text.substr(end));
  double number = 0;
  if (unit == kUnits.end() || !absl::SimpleAtod(text.substr(0, end), &number)) return std::nullopt;
  const double milliseconds = number * unit->second;
  if (milliseconds > 86'400'000) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

}  // namespace tenantry::client
