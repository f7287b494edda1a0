// How large the rows of a table are, as replies have shown.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tenantry::plan {

// Rows are taken to be as large as the largest page's were on average, and this is forgotten
// slowly: by half each 65,536 pages. Thread-safe.
class RowSizes {
 public:
  // A reply of `bytes` held `rows` rows.
  void Observe(std::size_t bytes, std::size_t rows) {
    if (rows == 0) return;
    const std::uint64_t mean = bytes / rows + 1;
    const std::uint64_t expected = expected_.load(std::memory_order_relaxed);
    if (expected == kUnknown || mean > expected) {
      expected_.store(mean, std::memory_order_relaxed);
    } else if ((pages_.fetch_add(1, std::memory_order_relaxed) + 1) % kPagesPerHalf == 0) {
      expected_.store(mean > expected / 2 ? mean : expected / 2, std::memory_order_relaxed);
    }
  }

  // Bytes of a row.
  std::size_t expected() const {
    const std::uint64_t expected = expected_.load(std::memory_order_relaxed);
    return expected == kUnknown ? kUnknownBytes : expected;
  }

 private:
  static constexpr std::uint64_t kUnknown = 0;
  static constexpr std::size_t kUnknownBytes = 64 * 1024;
  static constexpr std::uint64_t kPagesPerHalf = 65536;

  std::atomic<std::uint64_t> expected_{kUnknown};
  std::atomic<std::uint64_t> pages_{0};
};

}  // namespace tenantry::plan
