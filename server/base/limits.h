// Limits that no operator needs to change. Those that one may want to change are in config.h.
#pragma once

#include <cstddef>

namespace tenantry::limits {

inline constexpr std::size_t kRequestIdBytesMax = 128;
inline constexpr std::size_t kUserBytesMax = 255;
// Error details go into a trailer, and many proxies and clients allow 8 KiB of metadata in all.
inline constexpr std::size_t kErrorDetailsBytesMax = 6 * 1024;
// Connections to the HTTP listener; when there are more, the oldest is closed.
inline constexpr int kHttpConnectionsMax = 64;
// Files that are open for a moment: certificates, probes, what libraries need.
inline constexpr int kSpareFiles = 32;
// A client that pings more often than it may is disconnected after this many pings too many.
inline constexpr int kPingStrikesMax = 2;
inline constexpr std::size_t kConfigFileBytesMax = 1024 * 1024;
// Digits before the point, and digits after it, of a decimal column that declares no precision. It
// is also the most precision that PostgreSQL lets a column declare.
inline constexpr int kDecimalDigitsMax = 1000;
// Objects and lists within each other in a google.protobuf.Struct, the Struct itself included.
// Parsers of protobuf (C++, Java, C#, Python, JavaScript) stop after 100 messages within each
// other. An object takes three of them: Struct, the entry of its map, Value. So 32 objects take 96,
// and leave room for the messages around the Struct: a batch's request, or a page with a relation.
inline constexpr int kJsonDepthMax = 32;
// Log lines that wait for the thread that writes them. When there are more, the oldest are dropped.
inline constexpr std::size_t kLogQueueMax = 8192;

}  // namespace tenantry::limits
