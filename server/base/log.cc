#include "server/base/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/ids.h"
#include "server/base/limits.h"
#include "server/base/strings.h"
#include "server/base/utf8.h"

namespace tenantry {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

// Each call of Log reads these two.
std::atomic<LogLevel> log_level{LogLevel::kInfo};
std::atomic<LogFormat> log_format{LogFormat::kLogfmt};

constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
constexpr char kLogfmtPattern[] = "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";

void UsePattern(spdlog::logger& logger, LogFormat format) {
  logger.set_pattern(format == LogFormat::kJson ? kJsonPattern : kLogfmtPattern,
                     spdlog::pattern_time_type::utc);
}

std::shared_ptr<spdlog::logger> MakeLogger() {
  spdlog::init_thread_pool(limits::kLogQueueMax, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
      "tenantry", std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::trace);  // LogEnabled decides
  logger->flush_on(spdlog::level::warn);
  UsePattern(*logger, log_format.load());
  return logger;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = MakeLogger();
  return *logger;
}

// Appends a JSON string with its quotes. Readers of logfmt understand the same escapes.
void AppendQuoted(std::string_view text, std::string& out) {
  bool utf8 = IsValidUtf8(text);
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else if (byte >= 0x80 && !utf8) {
      out += "\xef\xbf\xbd";  // U+FFFD for each byte that is not ASCII
    } else {
      out += c;
    }
  }
  out += '"';
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;  // signed: >= 0x80
  }
  return false;
}

struct AppendValue {
  LogFormat format;
  std::string& out;

  void operator()(std::string_view text) const {
    if (format == LogFormat::kJson || NeedsQuotes(text)) return AppendQuoted(text, out);
    out += text;
  }
  void operator()(std::int64_t number) const { absl::StrAppend(&out, number); }
  void operator()(double number) const { absl::StrAppend(&out, number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warn") return LogLevel::kWarn;
  if (text == "error") return LogLevel::kError;
  if (text == "off") return LogLevel::kOff;
  return std::nullopt;
}

std::optional<LogFormat> ParseLogFormat(std::string_view text) {
  if (text == "json") return LogFormat::kJson;
  if (text == "logfmt") return LogFormat::kLogfmt;
  return std::nullopt;
}

void StartLog(LogLevel level, LogFormat format) {
  log_level = level;
  log_format = format;
  UsePattern(Logger(), format);
}

void StopLog() {
  Logger().flush();
  log_level = LogLevel::kOff;
  spdlog::shutdown();  // joins the writing thread once its queue is empty
}

bool LogEnabled(LogLevel level) { return level >= log_level.load(std::memory_order_relaxed); }

std::string FormatLogLine(LogFormat format, std::string_view event,
                          std::initializer_list<LogField> fields) {
  bool json = format == LogFormat::kJson;
  std::string line = json ? "\"event\":" : "event=";
  AppendValue append{format, line};
  append(event);
  for (const LogField& field : fields) {
    if (json) {
      absl::StrAppend(&line, ",\"", ToAbsl(field.key), "\":");
    } else {
      absl::StrAppend(&line, " ", ToAbsl(field.key), "=");
    }
    std::visit(append, field.value);
  }
  return line;
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level) || level == LogLevel::kOff) return;
  std::string line = FormatLogLine(log_format.load(std::memory_order_relaxed), event, fields);
  Logger().log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string MakeRequestId() {
  static IdGenerator* ids = new IdGenerator;
  return FormatUuid(ids->UuidV7());
}

bool IsValidRequestId(std::string_view text) {
  if (text.empty() || text.size() > limits::kRequestIdBytesMax) return false;
  for (char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace tenantry
