// Rows that tenantry.keep_rows has kept, as those of a result.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/base/rows.h"

namespace tenantry::codec {

class KeptRows final : public Rows {
 public:
  // `array`: of records in binary format, which must outlive this. Null when it is none.
  static std::unique_ptr<KeptRows> Read(const Cell& array);

  int row_count() const override { return rows_; }
  int column_count() const override {
    return rows_ == 0 ? 0 : static_cast<int>(cells_.size()) / rows_;
  }
  Cell at(int row, int column) const override {
    return cells_[static_cast<std::size_t>(row * column_count() + column)];
  }

 private:
  KeptRows() = default;

  int rows_ = 0;
  std::vector<Cell> cells_;  // of one row after the other
};

}  // namespace tenantry::codec
