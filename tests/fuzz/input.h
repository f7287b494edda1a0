// What fuzz targets make of their bytes, and how they fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace tenantry::fuzz {

// Choices taken from the input. When it is used up, all are 0.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}

  bool empty() const { return data_ == end_; }
  std::uint8_t Byte() { return empty() ? 0 : *data_++; }
  bool Bool() { return (Byte() & 1) != 0; }
  // From 0 to `count` - 1.
  std::size_t Below(std::size_t count) {
    if (count < 2) return 0;
    const std::size_t low = Byte();
    return (count > 256 ? low << 8 | Byte() : low) % count;
  }
  std::uint64_t Number() {
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
    return number;
  }
  // At most `size` bytes.
  std::string Text(std::size_t size) {
    std::string text;
    while (text.size() < size && !empty()) text.push_back(static_cast<char>(Byte()));
    return text;
  }
  std::string Rest() { return Text(static_cast<std::size_t>(end_ - data_)); }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};

inline void Expect(bool holds, const char* what, const std::string& about = "") {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%s\n", what, about.c_str());
  std::abort();
}

}  // namespace tenantry::fuzz
