// Binary rows -> wire bytes of the reply message.

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/json_struct.h"
#include "server/codec/pg_binary.h"
#include "server/codec/wire.h"
#include "server/plan/page_token.h"

namespace tenantry::codec {
namespace {

using plan::Call;
using plan::Plan;
using schema::Column;
using schema::Type;

constexpr int kRowsField = 1;           // of list and batch responses
constexpr int kNextPageTokenField = 2;  // of list responses
// What timestamps beyond protobuf's range (and infinity) are read as.
constexpr std::int64_t kSecondsMin = -62135596800;
constexpr std::int64_t kSecondsMax = 253402300799;

absl::Status Undecodable(const Column& column) {
  return absl::InternalError(
      absl::StrCat("column ", column.name, " holds a value that does not decode"));
}

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

void AppendTimestamp(std::int64_t micros, std::string& out) {
  std::int64_t seconds = micros / kMicrosPerSecond;
  std::int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  if (micros == INT64_MAX || seconds > kSecondsMax - kPostgresEpochSeconds) {
    seconds = kSecondsMax - kPostgresEpochSeconds;
    rest = 0;
  } else if (micros == INT64_MIN || seconds < kSecondsMin - kPostgresEpochSeconds) {
    seconds = kSecondsMin - kPostgresEpochSeconds;
    rest = 0;
  }
  LengthScope scope(out);
  AppendNonZero(out, 1, seconds + kPostgresEpochSeconds);
  AppendNonZero(out, 2, rest * 1000);
}

bool SizeIs(const Cell& cell, std::int32_t size) { return cell.size == size; }

// The value without its tag. False when the bytes are not of the column's type.
bool AppendValue(const Column& column, const Cell& cell, std::string& out) {
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
      if (!SizeIs(cell, 8)) return false;
      AppendTimestamp(ReadBigEndian<std::int64_t>(cell.data), out);
      return true;
    case Type::kEnum: {
      const auto* value = column.enum_type->FindLabel(cell.view());
      if (value == nullptr) return false;
      AppendVarint(out, static_cast<std::uint64_t>(static_cast<std::int64_t>(value->number)));
      return true;
    }
    case Type::kJson: {
      constexpr char kJsonbVersion = 1;  // the first byte of jsonb's binary form
      if (cell.size < 1 || cell.data[0] != kJsonbVersion) return false;
      LengthScope scope(out);
      return AppendStruct(cell.view().substr(1), out);
    }
    default:
      AppendBytes(out, cell.view());
      return true;
  }
}

// Whether a value is the zero that a field without presence leaves out: a number whose bytes are
// all zero, or an empty text.
bool IsImplicitZero(const Column& column, const Cell& cell) {
  if (column.field->has_presence()) return false;
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

bool AppendArray(const Column& column, const Cell& cell, std::string& out) {
  ArrayReader array(cell);
  if (!array.ok()) return false;
  if (array.size() == 0) return true;
  const WireType type = WireTypeOf(column.type);
  Cell element;
  if (type == WireType::kBytes) {
    for (int i = 0; i < array.size(); ++i) {
      AppendTag(out, column.number(), type);
      if (!array.Next(element) || !AppendValue(column, element, out)) return false;
    }
    return true;
  }
  AppendTag(out, column.number(), WireType::kBytes);  // packed
  LengthScope scope(out);
  for (int i = 0; i < array.size(); ++i) {
    if (!array.Next(element) || !AppendValue(column, element, out)) return false;
  }
  return true;
}

absl::Status AppendRow(const Plan& plan, const Rows& rows, int row, std::string& out) {
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const Cell cell = rows.at(row, static_cast<int>(i));
    if (cell.null()) continue;
    const Column& column = *plan.columns[i];
    if (column.array) {
      if (!AppendArray(column, cell, out)) return Undecodable(column);
    } else if (!IsImplicitZero(column, cell)) {
      AppendTag(out, column.number(), WireTypeOf(column.type));
      if (!AppendValue(column, cell, out)) return Undecodable(column);
    }
  }
  return absl::OkStatus();
}

absl::Status AppendRowMessage(const Plan& plan, const Rows& rows, int row, std::string& out) {
  AppendTag(out, kRowsField, WireType::kBytes);
  LengthScope scope(out);
  return AppendRow(plan, rows, row, out);
}

absl::Status NotFound(const Call& call) {
  const schema::Table& table = *call.plan->method->table;
  ErrorDetails details{"NOT_FOUND", {{"table", table.name}}, {}};
  if (call.plan->no_row == plan::NoRow::kDeleted) {
    details.reason = "ROW_DELETED";
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("the ", table.message->name(), " with this key is deleted"),
                     details);
  }
  return MakeError(absl::StatusCode::kNotFound, absl::StrCat(table.message->name(), " not found"),
                   details);
}

// Names the first entry of the batch that has no row.
absl::Status BatchEntryNotFound(const Call& call, int index) {
  const schema::Method& method = *call.plan->method;
  const std::string field = method.descriptor->input_type()->field(0)->name();
  return MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat(method.table->message->name(), " not found: ", field, "[", index, "]"),
      {"NOT_FOUND",
       {{"table", method.table->name}, {"field", absl::StrCat(field, "[", index, "]")}},
       {}});
}

int ColumnIndex(const Plan& plan, const Column* column) {
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

absl::Status AppendBatch(const Call& call, const Rows& rows, std::string& out) {
  const Plan& plan = *call.plan;
  const int key = ColumnIndex(plan, plan.method->table->primary_key[0]);
  for (int row = 0; row < rows.row_count(); ++row) {
    if (rows.at(row, key).null()) return BatchEntryNotFound(call, row);
    absl::Status status = AppendRowMessage(plan, rows, row, out);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AppendPage(const Call& call, const Rows& rows, std::string& out) {
  const Plan& plan = *call.plan;
  const int count = static_cast<int>(std::min<std::int64_t>(rows.row_count(), call.page_size));
  for (int row = 0; row < count; ++row) {
    absl::Status status = AppendRowMessage(plan, rows, row, out);
    if (!status.ok()) return status;
  }
  if (rows.row_count() <= count || count == 0) return absl::OkStatus();
  plan::Cursor cursor;
  for (const Column* column : plan.order) {
    cursor.emplace_back(rows.at(count - 1, ColumnIndex(plan, column)).view());
  }
  AppendTag(out, kNextPageTokenField, WireType::kBytes);
  AppendBytes(out, plan::EncodePageToken(call.fingerprint, cursor));
  return absl::OkStatus();
}

}  // namespace

absl::Status EncodeReply(const Call& call, const Rows& rows, std::string& reply) {
  const Plan& plan = *call.plan;
  switch (plan.reply) {
    case plan::ReplyForm::kPage:
      return AppendPage(call, rows, reply);
    case plan::ReplyForm::kBatch:
      return AppendBatch(call, rows, reply);
    case plan::ReplyForm::kEmpty:
      return rows.row_count() == 0 ? NotFound(call) : absl::OkStatus();
    case plan::ReplyForm::kRow:
      if (rows.row_count() == 0) return NotFound(call);
      return AppendRow(plan, rows, 0, reply);
  }
  return absl::InternalError("unknown reply form");
}

}  // namespace tenantry::codec
