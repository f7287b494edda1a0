#include "client/cli/text.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"

namespace tenantry::cli {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";  // U+FFFD
constexpr char kEllipsis[] = "\xe2\x80\xa6";     // one column

// The code point at `at` (RFC 3629), which moves past it; nothing, and one byte further, when the
// bytes there are not UTF-8.
std::optional<char32_t> NextCodePoint(const std::string& text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  const int more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  const bool bad_lead = (lead >= 0x80 && lead < 0xc2) || lead > 0xf4;
  if (bad_lead || at + more >= text.size()) return ++at, std::nullopt;
  char32_t code = more == 0 ? lead : lead & (0x3f >> more);
  for (int i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return ++at, std::nullopt;
    code = (code << 6) | (byte(at + i) & 0x3f);
  }
  constexpr std::array<char32_t, 4> kSmallest = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[more] || surrogate || code > 0x10ffff) return ++at, std::nullopt;
  at += more + 1;
  return code;
}

using Range = std::pair<char32_t, char32_t>;

// Combining marks and other characters of no width; the blocks that occur in names and notes.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2069}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}};
// East Asian Wide and Fullwidth (UAX #11), and emoji.
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
                           {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
                           {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                           {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

template <std::size_t n>
bool In(const Range (&ranges)[n], char32_t code) {
  for (const auto& [first, last] : ranges) {
    if (code >= first && code <= last) return true;
  }
  return false;
}

std::size_t WidthOf(char32_t code) {
  if (code < 0x300) return 1;
  return In(kZeroWidth, code) ? 0 : In(kWide, code) ? 2 : 1;
}

// Characters that turn the direction of text or hide it could make a table lie.
bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

std::string Escape(char32_t code) {
  switch (code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return code < 0x100 ? absl::StrFormat("\\x%02x", static_cast<unsigned>(code))
                          : absl::StrFormat("\\u%04x", static_cast<unsigned>(code));
  }
}

}  // namespace

std::string Printable(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::optional<char32_t> code = NextCodePoint(text, at);
    if (!code) {
      out += kReplacement;
    } else if (IsControl(*code)) {
      out += Escape(*code);
    } else {
      out.append(text, begin, at - begin);
    }
  }
  return out;
}

std::size_t DisplayWidth(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();)
    width += WidthOf(NextCodePoint(text, at).value_or('?'));
  return width;
}

std::string Truncate(const std::string& text, std::size_t width) {
  if (DisplayWidth(text) <= width) return text;
  if (width == 0) return "";
  std::size_t used = 0;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    used += WidthOf(NextCodePoint(text, at).value_or('?'));
    if (used > width - 1) break;
    end = at;
  }
  return text.substr(0, end) + kEllipsis;
}

bool IsUtf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!NextCodePoint(text, at)) return false;
  }
  return true;
}

}  // namespace tenantry::cli
