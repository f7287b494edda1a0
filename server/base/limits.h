// Bounds that nobody has a reason to set. What an operator may want to change is in config.h.
#pragma once

#include <cstddef>

namespace tenantry::limits {

inline constexpr std::size_t kRequestIdBytesMax = 128;
inline constexpr std::size_t kUserBytesMax = 255;
// A reply's trailer: proxies and clients commonly allow 8 KiB of metadata in all.
inline constexpr std::size_t kErrorDetailsBytesMax = 6 * 1024;
inline constexpr std::size_t kConfigFileBytesMax = 1024 * 1024;
// Digits before the point, and digits after it, of a decimal column that declares no precision. It
// is also the most precision that PostgreSQL lets a column declare.
inline constexpr int kDecimalDigitsMax = 1000;
// Objects and lists within each other in a google.protobuf.Struct, the Struct itself included.
// Parsers of protobuf (C++, Java, C#, Python, JavaScript) stop after 100 messages within each
// other. An object takes three of them: Struct, the entry of its map, Value. So 32 objects take 96,
// and leave room for the messages around the Struct: a batch's request, or a page with a relation.
inline constexpr int kJsonDepthMax = 32;
// Log lines waiting for the writing thread; when it cannot follow, the oldest are dropped.
inline constexpr std::size_t kLogQueueMax = 8192;

}  // namespace tenantry::limits
