// Postgres binary formats: integers and floats big-endian, timestamps in microseconds since
// 2000-01-01T00:00:00Z (src/backend/utils/adt, the types' send and receive functions).
//
// An array: dimensions (4) | has NULLs (4) | element oid (4) | { length (4) | lower bound (4) } per
// dimension | { size (4, -1 = NULL) | bytes } per element. An empty array has no dimensions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "server/schema/schema.h"

namespace tenantry::codec {

inline constexpr std::int64_t kPostgresEpochSeconds = 946684800;  // 2000-01-01 in Unix time
inline constexpr std::int64_t kMicrosPerSecond = 1000000;

template <typename T>
T ReadBigEndian(const char* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(value));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(value));
  return value;
}

template <typename T>
void WriteBigEndian(T value, char* out) {
  value = ReadBigEndian<T>(reinterpret_cast<const char*>(&value));
  std::memcpy(out, &value, sizeof(T));
}

template <typename T>
void AppendBigEndian(std::string& out, T value) {
  char bytes[sizeof(T)];
  WriteBigEndian(value, bytes);
  out.append(bytes, sizeof(T));
}

}  // namespace tenantry::codec
