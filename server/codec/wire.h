// Protobuf wire format, written straight into a string (protobuf.dev, "Encoding").
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tenantry::codec {

enum class WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline std::size_t VarintSize(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

inline void AppendVarint(std::string& out, std::uint64_t value) {
  char bytes[10];
  std::size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

inline void AppendTag(std::string& out, int field_number, WireType type) {
  AppendVarint(out,
               static_cast<std::uint64_t>(field_number) << 3 | static_cast<std::uint32_t>(type));
}

inline void AppendBytes(std::string& out, std::string_view bytes) {
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

template <typename T>
void AppendLittleEndian(std::string& out, T value) {
  static_assert(std::endian::native == std::endian::little);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

// A length-delimited field whose length is known only once it is written: BeginLength leaves one
// byte for it and returns its place. EndLength moves the content when the length needs more.
inline std::size_t BeginLength(std::string& out) {
  out.push_back(0);
  return out.size() - 1;
}

inline void EndLength(std::string& out, std::size_t at) {
  const std::size_t size = out.size() - at - 1;
  const std::size_t need = VarintSize(size);
  if (need > 1) {
    out.append(need - 1, '\0');
    std::memmove(out.data() + at + need, out.data() + at + 1, size);
  }
  std::size_t value = size;
  for (std::size_t i = 0; i < need; ++i) {
    out[at + i] = static_cast<char>((value & 0x7f) | (i + 1 < need ? 0x80 : 0));
    value >>= 7;
  }
}

// The same for what is written within a scope.
class LengthScope {
 public:
  explicit LengthScope(std::string& out) : out_(out), at_(BeginLength(out)) {}
  LengthScope(const LengthScope&) = delete;
  LengthScope& operator=(const LengthScope&) = delete;
  ~LengthScope() { EndLength(out_, at_); }

 private:
  std::string& out_;
  std::size_t at_;
};

}  // namespace tenantry::codec
