#include "server/plan/page_token.h"

#include "absl/strings/escaping.h"
#include "server/base/strings.h"
#include "server/base/utf8.h"

namespace tenantry::plan {
namespace {

using schema::Type;

constexpr char kVersion = 2;
constexpr std::size_t kHeader = 1 + 1 + 8;
constexpr std::size_t kCheck = 4;
constexpr int kBackward = 1;
constexpr int kIncluding = 2;
constexpr std::uint64_t kNullLength = 0xffffffff;

void AppendBigEndian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

std::uint64_t ReadBigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (unsigned char c : bytes) value = value << 8 | c;
  return value;
}

}  // namespace

std::uint64_t StableHash(std::string_view bytes, std::uint64_t seed) {
  for (unsigned char c : bytes) seed = (seed ^ c) * 0x100000001b3ULL;
  return seed;
}

std::string EncodePageToken(const PageToken& token) {
  std::string raw(1, kVersion);
  AppendBigEndian(raw, (token.backward ? kBackward : 0) | (token.including ? kIncluding : 0), 1);
  AppendBigEndian(raw, token.fingerprint, 8);
  for (const std::optional<std::string>& value : token.cursor) {
    AppendBigEndian(raw, value.has_value() ? value->size() : kNullLength, 4);
    if (value.has_value()) raw += *value;
  }
  AppendBigEndian(raw, StableHash(raw) & 0xffffffff, kCheck);
  return absl::WebSafeBase64Escape(raw);
}

std::size_t PageTokenSize(std::size_t values, std::size_t bytes) {
  const std::size_t raw = kHeader + values * 4 + bytes + kCheck;
  return (raw * 4 + 2) / 3;  // base64 without padding
}

std::optional<PageToken> DecodePageToken(std::string_view token) {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(ToAbsl(token), &raw) || raw.size() < kHeader + kCheck) return {};
  // The same bytes have other spellings: with padding, blanks, or bits behind the last byte.
  if (ToAbsl(token) != absl::WebSafeBase64Escape(raw)) return {};
  std::string_view body(raw.data(), raw.size() - kCheck);
  if (body[0] != kVersion ||
      ReadBigEndian(std::string_view(raw).substr(body.size())) != (StableHash(body) & 0xffffffff)) {
    return {};
  }
  const std::uint64_t way = ReadBigEndian(body.substr(1, 1));
  if (way > (kBackward | kIncluding)) return {};
  PageToken result{
      ReadBigEndian(body.substr(2, 8)), {}, (way & kBackward) != 0, (way & kIncluding) != 0};
  body.remove_prefix(kHeader);
  while (!body.empty()) {
    if (body.size() < 4) return {};
    const std::uint64_t size = ReadBigEndian(body.substr(0, 4));
    body.remove_prefix(4);
    if (size == kNullLength) {
      result.cursor.emplace_back(std::nullopt);
      continue;
    }
    if (size > body.size()) return {};
    result.cursor.emplace_back(std::string(body.substr(0, size)));
    body.remove_prefix(size);
  }
  return result;
}

bool CursorFits(const Cursor& cursor, const std::vector<OrderTerm>& order) {
  if (cursor.size() != order.size()) return false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!cursor[i].has_value()) {
      if (!order[i].may_be_null()) return false;
      continue;
    }
    const std::string& value = *cursor[i];
    const schema::Column& column = *order[i].column;
    const auto fixed = static_cast<std::size_t>(schema::InfoOf(column.type).binary_size);
    if (fixed > 0 && value.size() != fixed) return false;
    const bool text = fixed == 0 && column.type != Type::kBytes;
    if (text && (!IsValidUtf8(value) || HasNul(value))) return false;
  }
  return true;
}

}  // namespace tenantry::plan
