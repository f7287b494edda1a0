// Reads of many rows whose values may be long.
#pragma once

#include <cstddef>
#include <optional>

#include "server/methods/standard_method.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// How many bytes the long values of one statement's result may come to. More than a reply may have,
// since they are estimated.
std::size_t FetchedBytesMax(const RequestLimits& limits);

// Decides when a statement must end its own result, so that the server does not hold far more than
// a reply has room for. A bounded statement costs a little, and leaves the rows of a usual page as
// they are.
class LargeRows {
 public:
  LargeRows(const schema::Table& table, const MethodContext& context);

  // What the read of this many rows is bounded to, if they are as large as others have been.
  std::optional<std::size_t> BytesMax(std::size_t rows) const;
  // The same, whatever the rows have been; nothing for a table without long values.
  std::optional<std::size_t> BytesMax() const;
  plan::RowSizes* sizes() const { return sizes_; }

 private:
  std::size_t reply_bytes_max_;
  plan::RowSizes* sizes_;
  bool has_long_values_;
};

}  // namespace tenantry::methods
