// Result rows as the codec reads them: a view that knows nothing of libpq.
#pragma once

#include <cstdint>
#include <string_view>

namespace tenantry {

// One value in Postgres binary format. Valid as long as its Rows.
struct Cell {
  const char* data = nullptr;
  std::int32_t size = -1;  // bytes; -1 is NULL

  bool null() const { return size < 0; }
  std::string_view view() const { return {data, static_cast<std::size_t>(size < 0 ? 0 : size)}; }
};

class Rows {
 public:
  virtual ~Rows() = default;
  virtual int row_count() const = 0;
  virtual int column_count() const = 0;
  virtual Cell at(int row, int column) const = 0;
};

}  // namespace tenantry
