// The timetable of a fixed rate: when calls are meant to start, whatever the server does.
#pragma once

#include <chrono>
#include <cstdint>

#include "client/load/random.h"

namespace tenantry::load {

using Clock = std::chrono::steady_clock;

class Pace {
 public:
  // `rate` calls a second; even gaps, or exponential ones as of independent callers.
  Pace(Clock::time_point first, double rate, bool poisson, std::uint64_t seed)
      : start_(first), gap_seconds_(1 / rate), poisson_(poisson), random_(seed) {}

  // The next intended start.
  Clock::time_point next() const {
    // From the start each time: adding gaps up would let rounding errors grow.
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(position_ * gap_seconds_));
  }

  void Advance() { position_ += poisson_ ? random_.Exponential() : 1; }

 private:
  const Clock::time_point start_;
  const double gap_seconds_;
  const bool poisson_;
  double position_ = 0;  // in gaps since the start
  Random random_;
};

}  // namespace tenantry::load
