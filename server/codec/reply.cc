// Turns binary rows into the wire bytes of the reply.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/bounded.h"
#include "server/codec/codec.h"
#include "server/codec/explained.h"
#include "server/codec/pg_binary.h"
#include "server/codec/reply_groups.h"
#include "server/codec/row_writer.h"
#include "server/codec/wire.h"
#include "server/plan/page_token.h"

namespace tenantry::codec {
namespace {

using plan::Call;
using plan::Plan;
using schema::Column;

using Results = absl::Span<const Rows* const>;

constexpr int kRowsField = 1;      // of list and batch responses
constexpr int kAffectedField = 1;  // of writes of many rows
// Of list responses.
constexpr int kNextPageTokenField = 2;
constexpr int kPreviousPageTokenField = 3;
constexpr int kTotalSizeField = 4;

absl::Status NoRow(const Call& call) {
  const schema::Table& table = *call.plan->method->table;
  const bool deleted = call.plan->reply.no_row == plan::NoRow::kDeleted;
  return deleted ? RowDeleted(table.message->name(), table.name)
                 : NotFound(table.message->name(), table.name);
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
  const plan::Columns& columns = plan.outputs.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

std::optional<std::int64_t> CountedRows(const Rows& rows) {
  if (rows.row_count() != 1 || rows.at(0, 0).size != 8) return std::nullopt;
  return ReadBigEndian<std::int64_t>(rows.at(0, 0).data);
}

std::optional<std::int64_t> EstimatedRows(const Rows& rows) {
  const std::optional<double> estimate = PlanText(rows).Number("Plan Rows");
  if (!estimate.has_value()) return std::nullopt;
  return static_cast<std::int64_t>(*estimate);
}

// Writes one reply.
class ReplyWriter {
 public:
  ReplyWriter(const Call& call, Results results, std::size_t bytes_max, std::string& out,
              std::vector<LeftOutField>& left_out)
      : call_(call),
        plan_(*call.plan),
        results_(results),
        rows_(*results[call.before.size()]),
        bytes_max_(bytes_max),
        out_(out),
        left_out_(left_out),
        writer_(bytes_max_, call.measure_names, out, left_out) {}

  absl::Status Row() {
    if (rows_.row_count() == 0) return WasWritten() ? absl::OkStatus() : NoRow(call_);
    const Mark begin = Here();
    const auto append = [this](std::size_t value_max) {
      return AppendRow(0, value_max) && AppendBelow(call_.below, value_max);
    };
    if (append(kAny) && Fits(0)) return absl::OkStatus();
    if (plan_.method->read_only) return RowTooLarge(call_, bytes_max_);
    return AppendShrunk(begin, append);
  }

  absl::Status Batch() { return plan_.method->read_only ? ReadBatch() : WrittenBatch(); }

  // Of a read: what is written answers with one row.
  absl::Status AllRows() {
    for (int row = 0; row < rows_.row_count(); ++row) {
      if (AppendRowMessage(row, kAny) && Fits(0)) continue;
      return BatchTooLarge(call_, row, rows_.row_count(), bytes_max_);
    }
    return absl::OkStatus();
  }

  absl::Status Nothing() const { return rows_.row_count() == 0 ? NoRow(call_) : absl::OkStatus(); }

  absl::Status Affected() {
    const std::optional<std::int64_t> count = CountedRows(rows_);
    if (!count.has_value()) return absl::InternalError("a write did not tell how many rows it has");
    if (*count == 0) return absl::OkStatus();  // which proto3 does not write
    AppendTag(out_, kAffectedField, WireType::kVarint);
    AppendVarint(out_, static_cast<std::uint64_t>(*count));
    return absl::OkStatus();
  }

  // A row is kept only if what may follow the rows fits too.
  absl::Status Page() {
    int count = static_cast<int>(std::min<std::int64_t>(rows_.row_count(), call_.page_size));
    std::vector<std::size_t> ends;  // of the rows' messages, to turn them round
    for (int row = 0; row < count; ++row) {
      const Mark begin = Here();
      if (!AppendRowMessage(row, kAny) || !FitsWithTokens(row)) {
        if (row > 0) {
          GoBack(begin);
          count = row;
          break;
        }
        // The first row is always kept: an error here could not be walked past.
        absl::Status status = AppendShrunk(begin, [&](std::size_t value_max) {
          return AppendRowMessage(row, value_max) && FitsWithTokens(row);
        });
        if (!status.ok()) return status;
      }
      if (call_.backward) ends.push_back(out_.size());
    }
    const bool more = rows_.row_count() > count || EndedForItsSize(plan_, rows_);
    Observe(count);
    if (call_.backward) TurnRound(ends);
    AppendTokens(count, more);
    AppendTotal(count);
    return absl::OkStatus();
  }

 private:
  static constexpr std::size_t kAny = RowWriter::kAny;
  static constexpr int kTokenHeaderBytes = 6;  // the field's tag and length
  static constexpr int kTotalBytes = 11;       // the field's tag and value

  absl::Status ReadBatch() {
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

  // What has committed is told, in a reply of any size. Without more than one batch in it, all of
  // it fits: that was checked before.
  absl::Status WrittenBatch() {
    const Mark begin = Here();
    const auto append = [this](std::size_t value_max) {
      for (int row = 0; row < rows_.row_count(); ++row) {
        if (!AppendRowMessage(row, value_max)) return false;
      }
      return true;
    };
    return append(kAny) && Fits(0) ? absl::OkStatus() : AppendShrunk(begin, append);
  }

  // Whether the rows are read behind a write, which is committed by now, seen or not.
  bool WasWritten() const { return plan_.text->read_only && !plan_.method->read_only; }

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

  void Observe(int rows) const {
    if (call_.row_sizes == nullptr) return;
    call_.row_sizes->Observe(out_.size(), static_cast<std::size_t>(rows));
  }

  bool Fits(std::size_t more) const {
    return out_.size() <= bytes_max_ && more <= bytes_max_ - out_.size();
  }

  // A row may be small and its tokens large: by columns that it is ordered by and does not have.
  bool FitsWithTokens(int row) const {
    std::size_t bytes = kTotalBytes + kTokenHeaderBytes + TokenSizeAt(row);
    if (IsAfterOthers()) bytes += kTokenHeaderBytes + TokenSizeAt(0);
    return Fits(bytes);
  }

  std::size_t TokenSizeAt(int row) const {
    std::size_t values = 0;
    for (int cell : plan_.positions) values += rows_.at(row, cell).view().size();
    return plan::PageTokenSize(plan_.positions.size(), values);
  }

  bool AppendRow(int row, std::size_t value_max) {
    return writer_.Append(plan_.outputs, rows_, row, row, value_max);
  }

  // Rows within the message that is being written. A statement that gave less rows than it wrote
  // was held back by a trigger of the database.
  bool AppendBelow(const std::vector<plan::RowBelow>& below, std::size_t value_max) {
    for (const plan::RowBelow& one : below) {
      const auto statement = static_cast<std::size_t>(one.statement);
      const Rows& rows = *results_[statement];
      if (one.row >= rows.row_count()) continue;
      AppendTag(out_, one.field, WireType::kBytes);
      LengthScope scope(out_);
      const plan::Outputs& outputs = call_.StatementAt(statement).plan->outputs;
      if (!writer_.Append(outputs, rows, one.row, 0, value_max)) return false;
      if (!AppendBelow(one.below, value_max)) return false;
    }
    return true;
  }

  bool AppendRowMessage(int row, std::size_t value_max) {
    AppendTag(out_, kRowsField, WireType::kBytes);
    LengthScope scope(out_);
    return AppendRow(row, value_max);
  }

  // Rows without their largest values: more of them are left out until they fit.
  template <typename Append>
  absl::Status AppendShrunk(const Mark& begin, Append append) {
    for (std::size_t value_max = bytes_max_ / 2; value_max > 0; value_max /= 2) {
      GoBack(begin);
      if (append(value_max) && Fits(0)) return absl::OkStatus();
    }
    return RowTooLarge(call_, bytes_max_);
  }

  // Whether there were rows before the first of the result, in the way that it goes.
  bool IsAfterOthers() const { return !call_.cursor.empty() || call_.skipped > 0; }

  // Goes on from a row, or the other way.
  std::string TokenAt(int row, bool other_way) const {
    plan::PageToken token{
        .fingerprint = call_.fingerprint, .cursor = {}, .backward = call_.backward != other_way};
    for (int cell : plan_.positions) {
      const Cell value = rows_.at(row, cell);
      value.null() ? token.cursor.emplace_back(std::nullopt)
                   : token.cursor.emplace_back(std::string(value.view()));
    }
    return plan::EncodePageToken(token);
  }

  // Where no row is left, the way back begins with what this page would have begun with.
  std::string TokenBack() const {
    return plan::EncodePageToken({.fingerprint = call_.fingerprint,
                                  .cursor = call_.cursor,
                                  .backward = !call_.backward,
                                  .including = !call_.including});
  }

  void AppendTokens(int count, bool more) {
    const int on = call_.backward ? kPreviousPageTokenField : kNextPageTokenField;
    const int back = call_.backward ? kNextPageTokenField : kPreviousPageTokenField;
    if (more && count > 0) AppendToken(on, TokenAt(count - 1, false));
    if (count > 0 && IsAfterOthers()) AppendToken(back, TokenAt(0, true));
    if (count == 0 && !call_.cursor.empty()) AppendToken(back, TokenBack());
  }

  void AppendToken(int field, const std::string& token) {
    AppendTag(out_, field, WireType::kBytes);
    AppendBytes(out_, token);
  }

  // The rows' messages in the opposite order. `ends` has the end of each in the reply.
  void TurnRound(const std::vector<std::size_t>& ends) {
    std::string turned;
    turned.reserve(out_.size());
    for (std::size_t i = ends.size(); i-- > 0;) {
      const std::size_t begin = i == 0 ? 0 : ends[i - 1];
      turned.append(out_, begin, ends[i] - begin);
    }
    out_ = std::move(turned);
    for (LeftOutField& field : left_out_) field.row = static_cast<int>(ends.size()) - 1 - field.row;
  }

  void AppendTotal(int count) {
    std::size_t next = 0;
    call_.ForEachStatement([&](const plan::Statement& statement) {
      const Rows& rows = *results_[next++];
      if (statement.total == plan::Total::kNone) return;
      const bool counted = statement.total == plan::Total::kCount;
      const std::optional<std::int64_t> total = counted ? CountedRows(rows) : EstimatedRows(rows);
      if (!total.has_value()) return;
      AppendTag(out_, kTotalSizeField, WireType::kVarint);
      // An estimate may be below what is seen.
      AppendVarint(out_,
                   static_cast<std::uint64_t>(std::max<std::int64_t>(*total, counted ? 0 : count)));
    });
  }

  const Call& call_;
  const Plan& plan_;
  const Results results_;
  const Rows& rows_;  // of the call's own statement
  const std::size_t bytes_max_;
  std::string& out_;
  std::vector<LeftOutField>& left_out_;
  RowWriter writer_;
};

}  // namespace

absl::Status EncodeReply(const Call& call, Results results, std::size_t bytes_max,
                         std::string& reply, std::vector<LeftOutField>& left_out) {
  ReplyWriter writer(call, results, bytes_max, reply, left_out);
  switch (call.plan->reply.form) {
    case plan::ReplyForm::kGroups:
      return EncodeGroups(call, *results[call.before.size()], bytes_max, reply, left_out);
    case plan::ReplyForm::kPage:
      return writer.Page();
    case plan::ReplyForm::kBatch:
      return writer.Batch();
    case plan::ReplyForm::kAffected:
      return writer.Affected();
    case plan::ReplyForm::kRows:
      return writer.AllRows();
    case plan::ReplyForm::kEmpty:
      return writer.Nothing();
    case plan::ReplyForm::kRow:
      return writer.Row();
    case plan::ReplyForm::kStream:
      return absl::InternalError("a stream has no single reply");
  }
  return absl::InternalError("unknown reply form");
}

}  // namespace tenantry::codec
