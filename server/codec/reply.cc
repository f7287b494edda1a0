// Binary rows -> wire bytes of the reply message.

#include <algorithm>
#include <bit>
#include <limits>

#include "absl/strings/ascii.h"
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
// The range of google.protobuf.Timestamp: the years 1 to 9999.
constexpr std::int64_t kSecondsMin = -62135596800;
constexpr std::int64_t kSecondsMax = 253402300799;

// What became of a value or a row.
enum class Written {
  kYes,
  kUnreadable,
  kTooLarge,
};

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

absl::Status NotFound(const Call& call) {
  const schema::Table& table = *call.plan->method->table;
  ErrorDetails details{"NOT_FOUND", {{"table", table.name}}, {}};
  if (call.plan->reply.no_row == plan::NoRow::kDeleted) {
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

absl::Status RowTooLarge(const Call& call, std::size_t bytes_max) {
  const schema::Table& table = *call.plan->method->table;
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("the ", table.message->name(), " is larger than a reply may be, ",
                                bytes_max, " bytes (message-bytes-max)"),
                   {"ROW_TOO_LARGE", {{"table", table.name}}, {}});
}

absl::Status BatchTooLarge(const Call& call, int fitted, int asked, std::size_t bytes_max) {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("the reply would be larger than ", bytes_max,
                                " bytes (message-bytes-max): ask for fewer rows at a time; the "
                                "first ",
                                fitted, " of ", asked, " fit"),
                   {"REPLY_TOO_LARGE", {{"table", call.plan->method->table->name}}, {}});
}

int ColumnIndex(const Plan& plan, const Column* column) {
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

// Writes one reply.
class ReplyWriter {
 public:
  ReplyWriter(const Call& call, const Rows& rows, std::size_t bytes_max, std::string& out,
              std::vector<LeftOutField>& left_out)
      : call_(call),
        plan_(*call.plan),
        rows_(rows),
        bytes_max_(LimitOf(plan_, bytes_max)),
        out_(out),
        left_out_(left_out) {}

  absl::Status Row() {
    if (rows_.row_count() == 0) return NotFound(call_);
    const Mark begin = Here();
    if (AppendRow(0, kAny) && Fits(0)) return absl::OkStatus();
    if (plan_.method->read_only) return RowTooLarge(call_, bytes_max_);
    return AppendShrunk(begin, [&](std::size_t value_max) { return AppendRow(0, value_max); });
  }

  absl::Status Batch() {
    const int key = ColumnIndex(plan_, plan_.method->table->primary_key[0]);
    const int asked = Asked();
    for (int entry = 0; entry < asked; ++entry) {
      const int row = call_.row_of.empty() ? entry : call_.row_of[entry];
      const bool fetched = row < rows_.row_count();
      if (fetched && rows_.at(row, key).null()) return BatchEntryNotFound(call_, entry);
      if (!fetched || !AppendRowMessage(row, kAny) || !Fits(0)) {
        Observe(entry + 1);
        return BatchTooLarge(call_, entry, asked, bytes_max_);
      }
    }
    Observe(asked);
    return absl::OkStatus();
  }

  // A row is kept only if the token that may follow it fits too.
  absl::Status Page() {
    int count = static_cast<int>(std::min<std::int64_t>(rows_.row_count(), call_.page_size));
    for (int row = 0; row < count; ++row) {
      const Mark begin = Here();
      if (AppendRowMessage(row, kAny) && FitsWithToken(row)) continue;
      if (row > 0) {
        GoBack(begin);
        count = row;
        break;
      }
      // The first row is always kept: an error here could not be walked past.
      absl::Status status = AppendShrunk(begin, [&](std::size_t value_max) {
        return AppendRowMessage(row, value_max) && FitsWithToken(row);
      });
      if (!status.ok()) return status;
    }
    const bool more = rows_.row_count() > count || EndedForItsSize();
    Observe(count);
    if (more && count > 0) AppendToken(count - 1);
    return absl::OkStatus();
  }

 private:
  static constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  static constexpr int kTokenHeaderBytes = 6;  // the field's tag and length

  // The size of a batch that was written was checked before (CheckWrittenSize).
  static std::size_t LimitOf(const Plan& plan, std::size_t bytes_max) {
    const bool written = plan.reply.form == plan::ReplyForm::kBatch && !plan.method->read_only;
    return written ? kAny : bytes_max;
  }

  struct Mark {
    std::size_t bytes, left_out;
  };
  Mark Here() const { return {out_.size(), left_out_.size()}; }
  void GoBack(const Mark& mark) {
    out_.resize(mark.bytes);
    left_out_.resize(mark.left_out);
  }

  // Entries of the request. A bounded statement may give fewer rows.
  int Asked() const {
    if (!call_.row_of.empty()) return static_cast<int>(call_.row_of.size());
    if (!plan_.bounded) return rows_.row_count();
    const auto* entries = call_.request->GetDescriptor()->FindFieldByNumber(1);
    return call_.request->GetReflection()->FieldSize(*call_.request, entries);
  }

  // Whether the database ended the page before the rows that there are.
  bool EndedForItsSize() const {
    if (!plan_.bounded || rows_.row_count() == 0) return false;
    const Cell ended = rows_.at(rows_.row_count() - 1, static_cast<int>(plan_.columns.size()));
    return ended.size == 1 && ended.data[0] != 0;
  }

  void Observe(int rows) const {
    if (call_.row_sizes == nullptr) return;
    call_.row_sizes->Observe(out_.size(), static_cast<std::size_t>(rows));
  }

  bool Fits(std::size_t more) const {
    return out_.size() <= bytes_max_ && more <= bytes_max_ - out_.size();
  }

  // The token's length is known once it is made. In the first half of a reply it always fits.
  bool FitsWithToken(int row) const {
    if (out_.size() <= bytes_max_ / 2) return true;
    return Fits(plan::EncodePageToken(call_.fingerprint, CursorAt(row)).size() + kTokenHeaderBytes);
  }

  // False when the row is larger than all that a reply may be. Values of more than `value_max`
  // bytes are left out.
  bool AppendRow(int row, std::size_t value_max) {
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      const Cell cell = rows_.at(row, static_cast<int>(i));
      if (cell.null()) continue;
      const Column& column = *plan_.columns[i];
      const std::size_t begin = out_.size();
      Written written = Written::kTooLarge;
      if (static_cast<std::size_t>(cell.size) <= value_max) {
        written = AppendField(column, cell, bytes_max_, out_);
      }
      if (value_max == kAny && (written == Written::kTooLarge || !Fits(0))) return false;
      if (written == Written::kYes) continue;
      out_.resize(begin);
      left_out_.push_back({row, &column,
                           written == Written::kUnreadable ? LeftOutField::Why::kUnreadable
                                                           : LeftOutField::Why::kTooLarge});
    }
    return true;
  }

  bool AppendRowMessage(int row, std::size_t value_max) {
    AppendTag(out_, kRowsField, WireType::kBytes);
    LengthScope scope(out_);
    return AppendRow(row, value_max);
  }

  // The row without its largest values: more of them are left out until it fits.
  template <typename Append>
  absl::Status AppendShrunk(const Mark& begin, Append append) {
    for (std::size_t value_max = bytes_max_ / 2; value_max > 0; value_max /= 2) {
      GoBack(begin);
      if (append(value_max) && Fits(0)) return absl::OkStatus();
    }
    return RowTooLarge(call_, bytes_max_);
  }

  plan::Cursor CursorAt(int row) const {
    plan::Cursor cursor;
    for (const plan::OrderTerm& term : plan_.order) {
      cursor.emplace_back(rows_.at(row, ColumnIndex(plan_, term.column)).view());
    }
    return cursor;
  }

  void AppendToken(int row) {
    AppendTag(out_, kNextPageTokenField, WireType::kBytes);
    AppendBytes(out_, plan::EncodePageToken(call_.fingerprint, CursorAt(row)));
  }

  const Call& call_;
  const Plan& plan_;
  const Rows& rows_;
  const std::size_t bytes_max_;
  std::string& out_;
  std::vector<LeftOutField>& left_out_;
};

}  // namespace

absl::Status EncodeReply(const Call& call, const Rows& rows, std::size_t bytes_max,
                         std::string& reply, std::vector<LeftOutField>& left_out) {
  ReplyWriter writer(call, rows, bytes_max, reply, left_out);
  switch (call.plan->reply.form) {
    case plan::ReplyForm::kPage:
      return writer.Page();
    case plan::ReplyForm::kBatch:
      return writer.Batch();
    case plan::ReplyForm::kEmpty:
      return rows.row_count() == 0 ? NotFound(call) : absl::OkStatus();
    case plan::ReplyForm::kRow:
      return writer.Row();
  }
  return absl::InternalError("unknown reply form");
}

}  // namespace tenantry::codec
