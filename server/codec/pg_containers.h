// Arrays and records in Postgres' binary format, read from their beginning to their end. The bytes
// are not trusted: what does not fit is an end, never a read beyond them.
//
// Arrays are drawn in pg_binary.h. A record: columns (4) | { oid (4) | size (4, -1 = NULL) | bytes
// } per column.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/base/rows.h"
#include "server/codec/pg_binary.h"

namespace tenantry::codec {

// Walks the elements of a one-dimensional array without NULLs.
class ArrayReader {
 public:
  explicit ArrayReader(const Cell& cell) : data_(cell.data), end_(cell.data + cell.size) {
    ok_ = Left() >= 12;
    if (!ok_) return;
    const auto dimensions = ReadBigEndian<std::int32_t>(data_);
    data_ += 12;
    if (dimensions == 0) return;
    ok_ = dimensions == 1 && Left() >= 8;
    if (!ok_) return;
    size_ = ReadBigEndian<std::int32_t>(data_);
    data_ += 8;
  }

  bool ok() const { return ok_; }
  int size() const { return size_; }
  bool Next(Cell& element) {
    if (Left() < 4) return false;
    const auto size = ReadBigEndian<std::int32_t>(data_);
    data_ += 4;
    if (size < 0 || size > Left()) return false;
    element = {data_, size};
    data_ += size;
    return true;
  }

 private:
  std::ptrdiff_t Left() const { return end_ - data_; }

  const char* data_;
  const char* end_;
  int size_ = 0;
  bool ok_ = true;
};

// Walks the columns of a record.
class RecordReader {
 public:
  explicit RecordReader(const Cell& cell) : data_(cell.data), end_(cell.data + cell.size) {
    if (Left() < 4) return;
    size_ = ReadBigEndian<std::int32_t>(data_);
    data_ += 4;
  }

  int size() const { return size_; }
  bool Next(Cell& cell) {
    if (Left() < 8) return false;
    const auto size = ReadBigEndian<std::int32_t>(data_ + 4);  // behind the oid
    data_ += 8;
    if (size < -1 || size > Left()) return false;
    cell = {data_, size};
    if (size > 0) data_ += size;
    return true;
  }

 private:
  std::ptrdiff_t Left() const { return end_ - data_; }

  const char* data_;
  const char* end_;
  int size_ = -1;
};

}  // namespace tenantry::codec
