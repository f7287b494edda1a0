#include "server/base/setting_file.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/log.h"

namespace tenantry {

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > limits::kConfigFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is too large"));
  }
  return text;
}

SettingFile::SettingFile(std::string path, std::string value)
    : path_(std::move(path)), last_good_(std::move(value)) {}

std::string SettingFile::Read() {
  absl::StatusOr<std::string> text = ReadSmallFile(path_);
  if (text.ok()) absl::StripTrailingAsciiWhitespace(&*text);
  // An empty file is one that somebody is writing.
  const bool good = text.ok() && !text->empty();
  absl::MutexLock lock(&mutex_);
  if (good) {
    last_good_ = *std::move(text);
  } else if (!failing_) {
    Log(LogLevel::kWarn, "a setting's file cannot be read; its last value is used",
        {{"file", path_}});
  }
  failing_ = !good;
  return last_good_;
}

}  // namespace tenantry
