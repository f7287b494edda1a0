// Binary rows -> wire bytes of the reply message.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/row_writer.h"
#include "server/codec/wire.h"
#include "server/plan/page_token.h"

namespace tenantry::codec {
namespace {

using plan::Call;
using plan::Plan;
using schema::Column;

using Results = absl::Span<const Rows* const>;

constexpr int kRowsField = 1;           // of list and batch responses
constexpr int kNextPageTokenField = 2;  // of list responses

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

// Writes one reply.
class ReplyWriter {
 public:
  ReplyWriter(const Call& call, Results results, std::size_t bytes_max, std::string& out,
              std::vector<LeftOutField>& left_out)
      : call_(call),
        plan_(*call.plan),
        results_(results),
        rows_(*results[call.before.size()]),
        bytes_max_(LimitOf(plan_, bytes_max)),
        out_(out),
        left_out_(left_out),
        writer_(bytes_max_, out, left_out) {}

  absl::Status Row() {
    if (rows_.row_count() == 0) return NoRow(call_);
    const Mark begin = Here();
    const auto append = [this](std::size_t value_max) {
      return AppendRow(0, value_max) && AppendOthers(value_max);
    };
    if (append(kAny) && Fits(0)) return absl::OkStatus();
    if (plan_.method->read_only) return RowTooLarge(call_, bytes_max_);
    return AppendShrunk(begin, append);
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

  absl::Status Nothing() const { return rows_.row_count() == 0 ? NoRow(call_) : absl::OkStatus(); }

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
  static constexpr std::size_t kAny = RowWriter::kAny;
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
    const Cell ended = rows_.at(rows_.row_count() - 1, plan_.outputs.cells);
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

  bool AppendRow(int row, std::size_t value_max) {
    return writer_.Append(plan_.outputs, rows_, row, row, value_max);
  }

  // The rows of the other statements, as messages in the row's.
  bool AppendOthers(std::size_t value_max) {
    std::size_t next = 0;
    bool fits = true;
    call_.ForEachStatement([&](const plan::Statement& statement) {
      const Rows& rows = *results_[next++];
      if (statement.reply_field == 0) return;
      for (int row = 0; fits && row < rows.row_count(); ++row) {
        AppendTag(out_, statement.reply_field, WireType::kBytes);
        LengthScope scope(out_);
        fits = writer_.Append(statement.plan->outputs, rows, row, 0, value_max);
      }
    });
    return fits;
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
    case plan::ReplyForm::kPage:
      return writer.Page();
    case plan::ReplyForm::kBatch:
      return writer.Batch();
    case plan::ReplyForm::kEmpty:
      return writer.Nothing();
    case plan::ReplyForm::kRow:
      return writer.Row();
  }
  return absl::InternalError("unknown reply form");
}

}  // namespace tenantry::codec
