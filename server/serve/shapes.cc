#include "server/serve/shapes.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/base/log.h"

namespace tenantry::serve {
namespace {

// More are not recorded: nobody would read them.
constexpr std::size_t kRecordedMax = 100'000;

absl::StatusOr<plan::ShapeList> ReadList(const char* setting, const std::string& path,
                                         bool must_exist) {
  std::ifstream file(path);
  if (!file) {
    if (!must_exist) return plan::ShapeList();
    return absl::InvalidArgumentError(absl::StrCat(setting, ": cannot read ", path));
  }
  std::stringstream text;
  text << file.rdbuf();
  auto list = plan::ShapeList::Parse(text.str());
  if (list.ok()) return list;
  return absl::InvalidArgumentError(
      absl::StrCat(setting, ": ", path, ": ", list.status().message()));
}

class Recorder {
 public:
  Recorder(plan::ShapeList recorded, std::ofstream file)
      : recorded_(std::move(recorded)), file_(std::move(file)) {}

  void Record(const plan::Shape& shape) {
    absl::MutexLock lock(&mutex_);
    if (recorded_.size() >= kRecordedMax || !recorded_.Add(shape)) return;
    file_ << shape.Line() << std::endl;
    if (!file_) Log(LogLevel::kError, "a shape was not recorded");
  }

 private:
  absl::Mutex mutex_;
  plan::ShapeList recorded_;
  std::ofstream file_;
};

}  // namespace

absl::StatusOr<plan::ShapeRules> ShapeRulesOf(const Config& config) {
  plan::ShapeRules rules;
  if (!config.shapes_enforce.empty()) {
    auto list = ReadList("--shapes-enforce", config.shapes_enforce, /*must_exist=*/true);
    if (!list.ok()) return list.status();
    rules.allowed = *std::move(list);
  }
  if (config.shapes_record.empty()) return rules;
  auto list = ReadList("--shapes-record", config.shapes_record, /*must_exist=*/false);
  if (!list.ok()) return list.status();
  std::ofstream file(config.shapes_record, std::ios::app);
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("--shapes-record: cannot write ", config.shapes_record));
  }
  auto recorder = std::make_shared<Recorder>(*std::move(list), std::move(file));
  rules.record = [recorder](const plan::Shape& shape) { recorder->Record(shape); };
  return rules;
}

}  // namespace tenantry::serve
