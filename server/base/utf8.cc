#include "server/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace tenantry {
namespace {

using Byte = unsigned char;

bool IsTail(Byte b) { return (b & 0xc0) == 0x80; }

// The length of the well-formed sequence at `p` (Unicode 15, table 3-7); 0 when there is none. The
// range of the second byte depends on the first byte; all later bytes have the same range.
int SequenceLength(const Byte* p, const Byte* end) {
  Byte first = p[0];
  int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || end - p < length) return 0;
  Byte low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  Byte high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < low || p[1] > high) return 0;
  for (int i = 2; i < length; ++i) {
    if (!IsTail(p[i])) return 0;
  }
  return length;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const Byte* p = reinterpret_cast<const Byte*>(text.data());
  const Byte* end = p + text.size();
  while (p < end) {
    if (end - p >= 8) {
      std::uint64_t word;
      std::memcpy(&word, p, 8);
      if ((word & 0x8080'8080'8080'8080) == 0) {
        p += 8;
        continue;
      }
    }
    if (*p < 0x80) {
      ++p;
      continue;
    }
    int length = SequenceLength(p, end);
    if (length == 0) return false;
    p += length;
  }
  return true;
}

std::size_t Utf8Length(std::string_view text) {
  std::size_t length = 0;
  for (char c : text) length += !IsTail(static_cast<Byte>(c));
  return length;
}

}  // namespace tenantry
