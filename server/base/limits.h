// Bounds that nobody has a reason to set. What an operator may want to change is in config.h.
#pragma once

#include <cstddef>

namespace tenantry::limits {

inline constexpr std::size_t kRequestIdBytesMax = 128;
inline constexpr std::size_t kUserBytesMax = 255;
// A reply's trailer: proxies and clients commonly allow 8 KiB of metadata in all.
inline constexpr std::size_t kErrorDetailsBytesMax = 6 * 1024;
inline constexpr std::size_t kConfigFileBytesMax = 1024 * 1024;
// Log lines waiting for the writing thread; when it cannot follow, the oldest are dropped.
inline constexpr std::size_t kLogQueueMax = 8192;

}  // namespace tenantry::limits
