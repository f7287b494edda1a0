#include "client/cli/progress.h"

#include "absl/strings/str_format.h"

namespace tenantry::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{200};

}  // namespace

void Progress::Add(std::int64_t rows) {
  rows_ += rows;
  const auto now = Clock::now();
  if (!shown_ || now - told_ < kInterval) return;
  told_ = now;
  Tell();
}

void Progress::End() {
  if (!shown_) return;
  Tell();
  out_ << "\n";
}

void Progress::Tell() {
  const std::chrono::duration<double> took = Clock::now() - begin_;
  out_ << absl::StrFormat("\r%d rows, %.0f a second", rows_,
                          static_cast<double>(rows_) / took.count())
       << std::flush;
}

}  // namespace tenantry::cli
