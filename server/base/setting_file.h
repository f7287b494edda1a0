// A setting whose value stands in a file (TENANTRY_NAME_FILE), as orchestrators hand out secrets.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace tenantry {

// The whole file, which must not be larger than limits::kConfigFileBytesMax.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

// What the file says now: a password that is rotated changes under a running server. Thread-safe.
class SettingFile {
 public:
  // `value` is what the file said when the settings were read.
  SettingFile(std::string path, std::string value);

  // Reads the file. When it cannot be read, or is empty, the last good value is given again, and a
  // line of the log says so.
  std::string Read();

 private:
  const std::string path_;
  absl::Mutex mutex_;
  std::string last_good_ ABSL_GUARDED_BY(mutex_);
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;  // and the log has been told
};

}  // namespace tenantry
