// Identifiers: UUIDs as bytes and text, and generators of UUIDv7 and ULID.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace tenantry {

// Accepts the 36-character form (8-4-4-4-12 hexadecimal digits, either case) and nothing else.
// `out` is unspecified after a refusal.
bool ParseUuid(std::string_view text, std::uint8_t out[16]);

// 36 lower-case characters, no terminating zero.
void FormatUuid(const std::uint8_t bytes[16], char out[36]);
std::string FormatUuid(const std::array<std::uint8_t, 16>& bytes);

// 26 characters of Crockford's base 32 in either case, at most 128 bits: the first is 0 to 7.
bool IsValidUlid(std::string_view text);

// Makes identifiers that sort by the time they were made, strictly increasing within one generator
// (RFC 9562, 6.2, method 3): 48 bits of milliseconds, 12 bits of the millisecond's fraction, which
// also count when the clock stands still, then random bits. Thread-safe, no lock.
class IdGenerator {
 public:
  struct Options {
    std::function<absl::Time()> now;        // default: the system clock
    std::function<std::uint64_t()> random;  // 64 uniform bits; default: the kernel's generator
  };
  IdGenerator() : IdGenerator(Options{}) {}
  explicit IdGenerator(Options options);

  std::array<std::uint8_t, 16> UuidV7();
  void Ulid(char out[26]);

 private:
  // The next 60-bit time: milliseconds << 12 | fraction.
  std::uint64_t Tick();

  Options options_;
  std::atomic<std::uint64_t> last_{0};
};

// 64 bits from the kernel's generator, fetched in blocks per thread.
std::uint64_t RandomBits();

}  // namespace tenantry
