#include "server/codec/row_writer.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "server/codec/json_struct.h"
#include "server/codec/pg_binary.h"
#include "server/codec/pg_containers.h"
#include "server/codec/wire.h"
#include "server/plan/value.h"

namespace tenantry::codec {
namespace {

using plan::Outputs;
using schema::Column;
using schema::Type;

// The range of google.protobuf.Timestamp: the years 1 to 9999.
constexpr std::int64_t kSecondsMin = -62135596800;
constexpr std::int64_t kSecondsMax = 253402300799;

WireType WireTypeOf(Type type) {
  switch (type) {
    case Type::kBool:
    case Type::kInt32:
    case Type::kInt64:
    case Type::kEnum:
      return WireType::kVarint;
    case Type::kFloat:
      return WireType::kFixed32;
    case Type::kDouble:
      return WireType::kFixed64;
    default:
      return WireType::kBytes;
  }
}

// A field of google.protobuf.Timestamp; protobuf leaves zeros out.
void AppendNonZero(std::string& out, int number, std::int64_t value) {
  if (value == 0) return;
  AppendTag(out, number, WireType::kVarint);
  AppendVarint(out, static_cast<std::uint64_t>(value));
}

// False beyond protobuf's range: infinity is at its very ends.
bool AppendTimestamp(std::int64_t micros, std::string& out) {
  std::int64_t seconds = micros / kMicrosPerSecond;
  std::int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  if (seconds < kSecondsMin - kPostgresEpochSeconds ||
      seconds > kSecondsMax - kPostgresEpochSeconds) {
    return false;
  }
  LengthScope scope(out);
  AppendNonZero(out, 1, seconds + kPostgresEpochSeconds);
  AppendNonZero(out, 2, rest * 1000);
  return true;
}

bool SizeIs(const Cell& cell, std::int32_t size) { return cell.size == size; }

// numeric and date arrive as text. numeric has NaN and infinities, date has infinities, years
// before 1 and years of more than four digits.
bool IsSayable(Type type, std::string_view text) {
  if (type == Type::kNumeric) {
    return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.back()));
  }
  constexpr std::size_t kDateSize = 10;  // YYYY-MM-DD
  return type != Type::kDate || text.size() == kDateSize;
}

// A value of fixed size, without its tag. False when the bytes are not of the column's type.
bool AppendFixed(const Column& column, const Cell& cell, std::string& out) {
  switch (column.type) {
    case Type::kBool:
      if (!SizeIs(cell, 1)) return false;
      out.push_back(cell.data[0] != 0 ? 1 : 0);
      return true;
    case Type::kInt32:  // negative numbers are sign-extended to 64 bits
      if (!SizeIs(cell, 4)) return false;
      AppendVarint(out, static_cast<std::uint64_t>(
                            static_cast<std::int64_t>(ReadBigEndian<std::int32_t>(cell.data))));
      return true;
    case Type::kInt64:
      if (!SizeIs(cell, 8)) return false;
      AppendVarint(out, ReadBigEndian<std::uint64_t>(cell.data));
      return true;
    case Type::kFloat:
      if (!SizeIs(cell, 4)) return false;
      AppendLittleEndian(out, ReadBigEndian<std::uint32_t>(cell.data));
      return true;
    case Type::kDouble:
      if (!SizeIs(cell, 8)) return false;
      AppendLittleEndian(out, ReadBigEndian<std::uint64_t>(cell.data));
      return true;
    case Type::kUuid: {
      if (!SizeIs(cell, 16)) return false;
      char text[36];
      FormatUuid(reinterpret_cast<const std::uint8_t*>(cell.data), text);
      AppendBytes(out, {text, sizeof(text)});
      return true;
    }
    case Type::kTimestamp:
      return SizeIs(cell, 8) && AppendTimestamp(ReadBigEndian<std::int64_t>(cell.data), out);
    case Type::kEnum: {
      const auto* value = column.enum_type->FindLabel(cell.view());
      if (value == nullptr) return false;
      AppendVarint(out, static_cast<std::uint64_t>(static_cast<std::int64_t>(value->number)));
      return true;
    }
    default:
      return false;
  }
}

Written AppendJson(const Cell& cell, std::size_t bytes_max, std::string& out) {
  constexpr char kJsonbVersion = 1;  // the first byte of jsonb's binary form
  if (cell.size < 1 || cell.data[0] != kJsonbVersion) return Written::kUnreadable;
  LengthScope scope(out);
  switch (AppendStruct(cell.view().substr(1), bytes_max, out)) {
    case StructResult::kDone:
      return Written::kYes;
    case StructResult::kTooLarge:
      return Written::kTooLarge;
    case StructResult::kUnreadable:
      break;
  }
  return Written::kUnreadable;
}

// The value without its tag, of at most about `bytes_max` bytes.
Written AppendValue(const Column& column, const Cell& cell, std::size_t bytes_max,
                    std::string& out) {
  switch (column.type) {
    case Type::kJson:
      return AppendJson(cell, bytes_max, out);
    case Type::kText:
    case Type::kUlid:
    case Type::kNumeric:
    case Type::kDate:
    case Type::kBytes:
      if (static_cast<std::size_t>(cell.size) > bytes_max) return Written::kTooLarge;
      if (!IsSayable(column.type, cell.view())) return Written::kUnreadable;
      AppendBytes(out, cell.view());
      return Written::kYes;
    default:
      return AppendFixed(column, cell, out) ? Written::kYes : Written::kUnreadable;
  }
}

// Whether a value is the zero that a field without presence leaves out: a number whose bytes are
// all zero, or an empty text.
bool IsImplicitZero(const Column& column, const Cell& cell) {
  if (column.api->has_presence()) return false;
  switch (column.type) {
    case Type::kBool:
    case Type::kInt32:
    case Type::kInt64:
    case Type::kFloat:
    case Type::kDouble:
      return std::all_of(cell.data, cell.data + cell.size, [](char c) { return c == 0; });
    default:
      return cell.size == 0;
  }
}

Written AppendElements(const Column& column, ArrayReader& array, std::size_t bytes_max,
                       std::string& out) {
  const WireType type = WireTypeOf(column.type);
  Cell element;
  if (type == WireType::kBytes) {
    for (int i = 0; i < array.size(); ++i) {
      AppendTag(out, column.number(), type);
      if (!array.Next(element)) return Written::kUnreadable;
      const Written written = AppendValue(column, element, bytes_max, out);
      if (written != Written::kYes) return written;
    }
    return Written::kYes;
  }
  AppendTag(out, column.number(), WireType::kBytes);  // packed
  LengthScope scope(out);
  for (int i = 0; i < array.size(); ++i) {
    if (!array.Next(element) || !AppendFixed(column, element, out)) return Written::kUnreadable;
  }
  return Written::kYes;
}

Written AppendArray(const Column& column, const Cell& cell, std::size_t bytes_max,
                    std::string& out) {
  ArrayReader array(cell);
  if (!array.ok()) return Written::kUnreadable;
  if (array.size() == 0) return Written::kYes;
  if (static_cast<std::size_t>(cell.size) / 4 > bytes_max) return Written::kTooLarge;
  return AppendElements(column, array, bytes_max, out);
}

Written AppendField(const Column& column, const Cell& cell, std::size_t bytes_max,
                    std::string& out) {
  if (column.array) return AppendArray(column, cell, bytes_max, out);
  if (IsImplicitZero(column, cell)) return Written::kYes;
  AppendTag(out, column.number(), WireTypeOf(column.type));
  return AppendValue(column, cell, bytes_max, out);
}

bool IsTrue(const Cell& cell) { return cell.size == 1 && cell.data[0] != 0; }

// The cells of a row of the result.
class ResultCells {
 public:
  ResultCells(const Rows& rows, int row) : rows_(rows), row_(row) {}

  bool Next(Cell& cell) {
    cell = rows_.at(row_, next_++);
    return true;
  }

 private:
  const Rows& rows_;
  const int row_;
  int next_ = 0;
};

template <typename Cells>
bool Skip(int count, Cells& cells) {
  Cell cell;
  while (count > 0 && cells.Next(cell)) --count;
  return count == 0;
}

}  // namespace

bool RowWriter::Append(const Outputs& outputs, const Rows& rows, int row, int of,
                       std::size_t value_max) {
  row_ = of;
  ResultCells cells(rows, row);
  return AppendFields(outputs, cells, value_max) == Written::kYes;
}

bool RowWriter::AppendAlone(Type type, int field_number, const Cell& cell, std::size_t value_max,
                            const LeftOutField& left_out) {
  return Try(cell, value_max, left_out, [&] {
    AppendTag(out_, field_number, WireTypeOf(type));
    return AppendValue(plan::ColumnOf(type), cell, bytes_max_, out_);
  });
}

// Unreadable are only the cells of a record: AppendMany leaves out all of its relation then.
template <typename Cells>
Written RowWriter::AppendFields(const Outputs& outputs, Cells& cells, std::size_t value_max) {
  Cell cell;
  for (const Column* column : outputs.columns) {
    if (!cells.Next(cell)) return Written::kUnreadable;
    if (cell.null()) continue;
    const bool goes_on = Try(cell, value_max, {row_, outputs.table, column, nullptr, {}},
                             [&] { return AppendField(*column, cell, bytes_max_, out_); });
    if (!goes_on) return Written::kTooLarge;
  }
  for (const Outputs::Child& child : outputs.children) {
    const Written written = child.relation->many
                                ? AppendMany(*outputs.table, child, cells, value_max)
                                : AppendOne(child, cells, value_max);
    if (written != Written::kYes) return written;
  }
  return Written::kYes;
}

template <typename Write>
bool RowWriter::Try(const Cell& cell, std::size_t value_max, const LeftOutField& field,
                    Write write) {
  const std::size_t begin = out_.size();
  Written written = Written::kTooLarge;
  if (static_cast<std::size_t>(cell.size) <= value_max) written = write();
  if (value_max == kAny && (written == Written::kTooLarge || out_.size() > bytes_max_)) {
    return false;
  }
  if (written == Written::kYes) return true;
  out_.resize(begin);
  left_out_.push_back(field);
  left_out_.back().why = written == Written::kUnreadable ? LeftOutField::Why::kUnreadable
                                                         : LeftOutField::Why::kTooLarge;
  return true;
}

template <typename Cells>
Written RowWriter::AppendMessage(const Outputs::Child& child, Cells& cells, std::size_t value_max) {
  AppendTag(out_, child.relation->number, WireType::kBytes);
  LengthScope scope(out_);
  return AppendFields(child.row, cells, value_max);
}

template <typename Cells>
Written RowWriter::AppendOne(const Outputs::Child& child, Cells& cells, std::size_t value_max) {
  Cell present;
  if (!cells.Next(present)) return Written::kUnreadable;
  if (IsTrue(present)) return AppendMessage(child, cells, value_max);
  return Skip(child.row.cells, cells) ? Written::kYes : Written::kUnreadable;
}

template <typename Cells>
Written RowWriter::AppendMany(const schema::Table& table, const Outputs::Child& child, Cells& cells,
                              std::size_t value_max) {
  Cell cell;
  if (!cells.Next(cell)) return Written::kUnreadable;
  if (cell.null()) return Written::kYes;
  const bool goes_on = Try(cell, value_max, {row_, &table, nullptr, child.relation, {}},
                           [&] { return AppendRecords(child, cell, value_max); });
  return goes_on ? Written::kYes : Written::kTooLarge;
}

Written RowWriter::AppendRecords(const Outputs::Child& child, const Cell& cell,
                                 std::size_t value_max) {
  ArrayReader array(cell);
  if (!array.ok()) return Written::kUnreadable;
  Cell element;
  for (int i = 0; i < array.size(); ++i) {
    if (!array.Next(element)) return Written::kUnreadable;
    RecordReader record(element);
    if (record.size() != child.row.cells) return Written::kUnreadable;
    const Written written = AppendMessage(child, record, value_max);
    if (written != Written::kYes) return written;
  }
  return Written::kYes;
}

}  // namespace tenantry::codec
