#include "server/base/ids.h"

#include <sys/random.h>

#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"

namespace tenantry {
namespace {

constexpr std::int8_t kNoDigit = -1;

constexpr std::array<std::int8_t, 256> MakeHexValues() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = kNoDigit;
  for (int i = 0; i < 10; ++i) values['0' + i] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values['a' + i] = static_cast<std::int8_t>(10 + i);
    values['A' + i] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}
constexpr auto kHexValues = MakeHexValues();
constexpr char kHexDigits[] = "0123456789abcdef";

// Where each byte's two digits stand in the text.
constexpr std::uint8_t kDigitAt[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::uint8_t kDashAt[4] = {8, 13, 18, 23};

constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool IsCrockford(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return (c >= '0' && c <= '9') ||
         (c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U');
}

void PutBigEndian(std::uint64_t value, int bytes, std::uint8_t* out) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

}  // namespace

bool ParseUuid(std::string_view text, std::uint8_t out[16]) {
  if (text.size() != 36) return false;
  int bad = 0;
  for (int at : kDashAt) bad |= text[at] != '-';
  for (int i = 0; i < 16; ++i) {
    int high = kHexValues[static_cast<std::uint8_t>(text[kDigitAt[i]])];
    int low = kHexValues[static_cast<std::uint8_t>(text[kDigitAt[i] + 1])];
    bad |= (high | low) < 0;
    out[i] = static_cast<std::uint8_t>((high & 0xf) << 4 | (low & 0xf));
  }
  return !bad;
}

void FormatUuid(const std::uint8_t bytes[16], char out[36]) {
  for (int at : kDashAt) out[at] = '-';
  for (int i = 0; i < 16; ++i) {
    out[kDigitAt[i]] = kHexDigits[bytes[i] >> 4];
    out[kDigitAt[i] + 1] = kHexDigits[bytes[i] & 0xf];
  }
}

std::string FormatUuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string text(36, '\0');
  FormatUuid(bytes.data(), text.data());
  return text;
}

bool IsValidUlid(std::string_view text) {
  if (text.size() != 26 || text[0] < '0' || text[0] > '7') return false;
  for (char c : text) {
    if (!IsCrockford(c)) return false;
  }
  return true;
}

std::uint64_t RandomBits() {
  constexpr std::size_t kBlock = 32;  // 256 bytes: what getrandom(2) gives without interruption
  thread_local std::uint64_t block[kBlock];
  thread_local std::size_t left = 0;
  if (left == 0) {
    // Identifiers that can be guessed would be worse than none.
    if (getrandom(block, sizeof block, 0) != sizeof block) std::abort();
    left = kBlock;
  }
  return std::exchange(block[--left], 0);
}

IdGenerator::IdGenerator(Options options) : options_(std::move(options)) {
  if (!options_.now) options_.now = [] { return absl::Now(); };
  if (!options_.random) options_.random = RandomBits;
}

std::uint64_t IdGenerator::Tick() {
  auto nanos = static_cast<std::uint64_t>(absl::ToUnixNanos(options_.now()));
  std::uint64_t fraction = (nanos % 1'000'000) * 4096 / 1'000'000;
  std::uint64_t now = (nanos / 1'000'000) << 12 | fraction;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next;
  do {
    next = now > last ? now : last + 1;
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

std::array<std::uint8_t, 16> IdGenerator::UuidV7() {
  //  0               6         7        8                     16
  //  | milliseconds  | 7 | fraction | 10 | 62 random bits ... |
  std::uint64_t tick = Tick();
  std::array<std::uint8_t, 16> id;
  PutBigEndian(tick >> 12, 6, id.data());
  PutBigEndian(0x7000 | (tick & 0xfff), 2, id.data() + 6);
  PutBigEndian((options_.random() & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000, 8,
               id.data() + 8);
  return id;
}

void IdGenerator::Ulid(char out[26]) {
  // 128 bits: 60 of time as above, 68 random. 26 digits hold 130, so the first has 3 bits only.
  std::uint64_t tick = Tick();
  std::uint64_t high = tick << 4 | (options_.random() & 0xf);
  std::uint64_t low = options_.random();
  for (int i = 25; i >= 0; --i) {
    out[i] = kCrockford[low & 31];
    low = low >> 5 | high << 59;
    high >>= 5;
  }
}

}  // namespace tenantry
