// Opaque keyset page tokens.
//
//   version (1 byte) | way (1) | fingerprint (8, big-endian) | { length (4) | bytes } per order
//   term | check (4)
//
// The length of a NULL is 2^32 - 1. The way says whether the page goes backward (bit 0) and whether
// it begins with what is at the position (bit 1).
//
// written in base64url without padding. The fingerprint ties a token to the list request that made
// it (method, filter, order, show_deleted), the check finds damage. A token is no capability: it
// only positions within what row-level security shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/plan/plan.h"

namespace tenantry::plan {

struct PageToken {
  std::uint64_t fingerprint = 0;
  Cursor cursor;
  bool backward = false;
  bool including = false;
};
std::string EncodePageToken(const PageToken& token);
// The characters of a token whose values are so many and have so many bytes together.
std::size_t PageTokenSize(std::size_t values, std::size_t bytes);
// Nothing when the token was not made by EncodePageToken.
std::optional<PageToken> DecodePageToken(std::string_view token);

// Whether the token's values can be values of the order terms in binary format.
bool CursorFits(const Cursor& cursor, const std::vector<OrderTerm>& order);

// 64-bit FNV-1a, the same on every server.
std::uint64_t StableHash(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL);

}  // namespace tenantry::plan
