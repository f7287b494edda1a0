// How many rows there were, on one line that is written over and over.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>

namespace tenantry::cli {

class Progress {
 public:
  // Nothing is written unless it is shown.
  Progress(bool shown, std::ostream& out) : shown_(shown), out_(out) {}

  void Add(std::int64_t rows);
  void End();

 private:
  using Clock = std::chrono::steady_clock;
  void Tell();

  const bool shown_;
  std::ostream& out_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point told_ = begin_;
  std::int64_t rows_ = 0;
};

}  // namespace tenantry::cli
