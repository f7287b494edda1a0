// Opaque keyset page tokens.
//
//   version (1 byte) | fingerprint (8, big-endian) | { length (4) | bytes } per order column |
//   check (4)
//
// written in base64url without padding. The fingerprint ties a token to the list request that made
// it (method, filter, order, show_deleted), the check finds damage. A token is no capability: it
// only positions within what row-level security shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "server/plan/plan.h"

namespace tenantry::plan {

using Cursor = absl::InlinedVector<std::string, 2>;

std::string EncodePageToken(std::uint64_t fingerprint, const Cursor& cursor);

struct PageToken {
  std::uint64_t fingerprint;
  Cursor cursor;
};
// Nothing when the token was not made by EncodePageToken.
std::optional<PageToken> DecodePageToken(std::string_view token);

// Whether the token's values can be values of the order columns in binary format.
bool CursorFits(const Cursor& cursor, const std::vector<OrderTerm>& order);

// 64-bit FNV-1a, the same on every server.
std::uint64_t StableHash(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL);

}  // namespace tenantry::plan
