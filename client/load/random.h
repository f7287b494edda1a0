// Random numbers from a seed: SplitMix64 (Steele, Lea and Flood, 2014). A number takes a few
// cycles, and the same seed gives the same numbers on every machine.
#pragma once

#include <cmath>
#include <cstdint>

namespace tenantry::load {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound), bound > 0; the bias is below bound / 2^32.
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }

  // Exponentially distributed with mean 1.
  double Exponential() {
    const double uniform = (static_cast<double>(Next() >> 11) + 1) * 0x1.0p-53;  // (0, 1]
    return -std::log(uniform);
  }

 private:
  std::uint64_t state_;
};

}  // namespace tenantry::load
