#include "server/methods/large_rows.h"

#include "server/plan/row_size.h"

namespace tenantry::methods {
namespace {

constexpr std::size_t kFetchedRepliesMax = 8;
// Rows that may fill more replies than this are bounded.
constexpr std::size_t kExpectedRepliesMax = 4;

}  // namespace

std::size_t FetchedBytesMax(const RequestLimits& limits) {
  return kFetchedRepliesMax * limits.reply_bytes_max;
}

LargeRows::LargeRows(const schema::Table& table, const MethodContext& context)
    : reply_bytes_max_(context.limits.reply_bytes_max),
      sizes_(&context.row_sizes),
      has_long_values_(!plan::LongValuesSize(table, "t").empty()) {}

std::optional<std::size_t> LargeRows::BytesMax(std::size_t rows) const {
  if (!has_long_values_ || rows * sizes_->expected() <= kExpectedRepliesMax * reply_bytes_max_) {
    return std::nullopt;
  }
  return BytesMax();
}

std::optional<std::size_t> LargeRows::BytesMax() const {
  if (!has_long_values_) return std::nullopt;
  return kFetchedRepliesMax * reply_bytes_max_;
}

}  // namespace tenantry::methods
