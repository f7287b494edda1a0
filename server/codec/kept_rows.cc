#include "server/codec/kept_rows.h"

#include "server/codec/pg_containers.h"

namespace tenantry::codec {

std::unique_ptr<KeptRows> KeptRows::Read(const Cell& cell) {
  if (cell.null()) return nullptr;
  ArrayReader array(cell);
  if (!array.ok()) return nullptr;
  std::unique_ptr<KeptRows> rows(new KeptRows);
  rows->rows_ = array.size();
  int columns = -1;
  for (int row = 0; row < array.size(); ++row) {
    Cell element;
    if (!array.Next(element)) return nullptr;
    RecordReader record(element);
    if (row == 0) columns = record.size();
    if (columns < 0 || record.size() != columns) return nullptr;
    for (int column = 0; column < columns; ++column) {
      if (!record.Next(rows->cells_.emplace_back())) return nullptr;
    }
  }
  return rows;
}

}  // namespace tenantry::codec
