#include "server/codec/row_writer.h"

#include <algorithm>

#include "server/codec/pg_containers.h"
#include "server/codec/wire.h"
#include "server/plan/value.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::codec {
namespace {

using plan::Outputs;
using schema::Column;
using schema::Type;

// Fields of an entry of a map.
constexpr int kMapKey = 1;
constexpr int kMapValue = 2;

// The field that tells zero from none.
int ValueFieldOf(Type type) {
  switch (type) {
    case Type::kInt64:
      return v1::AggregateValue::kIntegerFieldNumber;
    case Type::kNumeric:
      return v1::AggregateValue::kDecimalFieldNumber;
    case Type::kDouble:
      return v1::AggregateValue::kFloatingFieldNumber;
    case Type::kTimestamp:
      return v1::AggregateValue::kTimestampFieldNumber;
    case Type::kDate:
      return v1::AggregateValue::kDateFieldNumber;
    default:
      return v1::AggregateValue::kTextFieldNumber;
  }
}

// Whether a value is the zero that a field without presence leaves out: a number whose bytes are
// all zero, or an empty text.
bool IsImplicitZero(const Column& column, WireType type, const Cell& cell) {
  if (column.api->has_presence()) return false;
  if (type == WireType::kBytes) return cell.size == 0;
  return std::all_of(cell.data, cell.data + cell.size, [](char c) { return c == 0; });
}

Written AppendElements(const Column& column, ArrayReader& array, std::size_t bytes_max,
                       std::string& out) {
  const ValueCodec& codec = CodecOf(column);
  Cell element;
  if (codec.wire_type == WireType::kBytes) {
    for (int i = 0; i < array.size(); ++i) {
      AppendTag(out, column.number(), WireType::kBytes);
      if (!array.Next(element)) return Written::kUnreadable;
      const Written written = codec.write(column, element, bytes_max, out);
      if (written != Written::kYes) return written;
    }
    return Written::kYes;
  }
  AppendTag(out, column.number(), WireType::kBytes);  // packed
  LengthScope scope(out);
  Written all = Written::kYes;
  for (int i = 0; i < array.size(); ++i) {
    if (!array.Next(element)) return Written::kUnreadable;
    const Written written = codec.write(column, element, bytes_max, out);
    if (written != Written::kYes && written != Written::kUnknownLabel) return written;
    if (written == Written::kUnknownLabel) all = written;
  }
  return all;
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
  const ValueCodec& codec = CodecOf(column);
  if (IsImplicitZero(column, codec.wire_type, cell)) return Written::kYes;
  AppendTag(out, column.number(), codec.wire_type);
  return codec.write(column, cell, bytes_max, out);
}

LeftOutField::Why WhyOf(Written written) {
  if (written == Written::kUnknownLabel) return LeftOutField::Why::kUnknownLabel;
  return written == Written::kUnreadable ? LeftOutField::Why::kUnreadable
                                         : LeftOutField::Why::kTooLarge;
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

bool RowWriter::AppendMeasure(const plan::MeasureOutput& measure, const schema::Table& table,
                              int field_number, const Cell& cell, int of, std::size_t value_max) {
  AppendTag(out_, field_number, WireType::kBytes);
  LengthScope entry(out_);
  AppendTag(out_, kMapKey, WireType::kBytes);
  AppendBytes(out_, measure_names_[measure.name]);
  AppendTag(out_, kMapValue, WireType::kBytes);
  LengthScope value(out_);
  if (cell.null()) return true;
  return Try(cell, value_max, {of, &table, measure.column, nullptr, {}}, [&] {
    const Column& column = plan::ColumnOf(measure.type);
    const ValueCodec& codec = CodecOf(column);
    AppendTag(out_, ValueFieldOf(measure.type), codec.wire_type);
    return codec.write(column, cell, bytes_max_, out_);
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
    Written written = Written::kYes;
    if (!child.measures.empty()) {
      written = AppendMeasured(*outputs.table, child, cells, value_max);
    } else {
      written = child.relation->many ? AppendMany(*outputs.table, child, cells, value_max)
                                     : AppendOne(child, cells, value_max);
    }
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
  if (written != Written::kUnknownLabel) out_.resize(begin);
  left_out_.push_back(field);
  left_out_.back().why = WhyOf(written);
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

template <typename Cells>
Written RowWriter::AppendMeasured(const schema::Table& table, const Outputs::Child& child,
                                  Cells& cells, std::size_t value_max) {
  Cell cell;
  if (!cells.Next(cell)) return Written::kUnreadable;
  if (cell.null()) return Written::kYes;
  const bool goes_on = Try(cell, value_max, {row_, &table, nullptr, child.relation, {}},
                           [&] { return AppendMeasures(child, cell, value_max); });
  return goes_on ? Written::kYes : Written::kTooLarge;
}

Written RowWriter::AppendMeasures(const Outputs::Child& child, const Cell& cell,
                                  std::size_t value_max) {
  RecordReader record(cell);
  if (record.size() != static_cast<int>(child.measures.size())) return Written::kUnreadable;
  Cell value;
  for (const plan::MeasureOutput& measure : child.measures) {
    if (!record.Next(value)) return Written::kUnreadable;
    if (!AppendMeasure(measure, *child.row.table, schema::field_number::kAggregates, value, row_,
                       value_max)) {
      return Written::kTooLarge;
    }
  }
  return Written::kYes;
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
