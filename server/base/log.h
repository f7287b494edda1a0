// Structured log lines on stderr: one event per line with named fields, as JSON or as logfmt.
//
// Lines are written by a thread of the log's own; a caller only formats and enqueues. When that
// thread cannot follow, the oldest waiting lines are dropped, never a caller blocked.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace tenantry {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat { kJson, kLogfmt };

std::optional<LogLevel> ParseLogLevel(std::string_view text);    // debug, info, warn, error, off
std::optional<LogFormat> ParseLogFormat(std::string_view text);  // json, logfmt

// From here on lines are written as told. Before, and without it: info and above, logfmt.
void StartLog(LogLevel level, LogFormat format);
// Writes out what waits. Later lines are lost.
void StopLog();

struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, double, bool>;

  LogField(std::string_view key, std::string_view value) : key(key), value(value) {}
  LogField(std::string_view key, const char* value) : key(key), value(std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : key(key), value(std::string_view(value)) {}
  LogField(std::string_view key, bool value) : key(key), value(value) {}
  LogField(std::string_view key, double value) : key(key), value(value) {}
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int>>>
  LogField(std::string_view key, Int value) : key(key), value(static_cast<std::int64_t>(value)) {}

  std::string_view key;
  Value value;
};

bool LogEnabled(LogLevel level);

// `event` says what happened, in words that do not change with the values: Log(LogLevel::kWarn,
// "connection lost", {{"lane", 2}, {"reason", why}}).
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The text of one line after its time and level, as Log writes it.
std::string FormatLogLine(LogFormat format, std::string_view event,
                          std::initializer_list<LogField> fields);

// An id for a call that brought none: a UUIDv7.
std::string MakeRequestId();
// What a caller may send as x-request-id: 1 to 128 printable ASCII characters, no spaces.
bool IsValidRequestId(std::string_view text);

}  // namespace tenantry
