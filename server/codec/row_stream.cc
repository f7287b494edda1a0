#include "server/codec/row_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/wire.h"
#include "server/plan/page_token.h"

namespace tenantry::codec {
namespace {

constexpr int kRowsField = 1;
constexpr int kTokenField = 2;
constexpr std::size_t kTokenHeaderBytes = 6;  // the field's tag and length
// A message has room for the row that makes it large enough.
constexpr std::size_t kReservedBytes = 4096;

}  // namespace

RowStream::RowStream(const plan::Call& call, StreamLimits limits)
    : call_(call), plan_(*call.plan), limits_(limits) {
  position_.resize(plan_.positions.size());
}

absl::StatusOr<RowStream::Added> RowStream::Add(const Rows& rows, int row,
                                                std::vector<LeftOutField>& left_out) {
  if (empty()) out_.reserve(std::min(limits_.bytes, limits_.bytes_max) + kReservedBytes);
  const std::size_t begin = out_.size(), left = left_out.size();
  const auto go_back = [&] {
    out_.resize(begin);
    left_out.resize(left);
  };
  bool fits = Append(rows, row, RowWriter::kAny, left_out);
  if (!fits && !empty()) {
    go_back();
    return Added::kFull;
  }
  for (std::size_t most = limits_.bytes_max / 2; !fits && most > 0; most /= 2) {
    go_back();
    fits = Append(rows, row, most, left_out);
  }
  if (!fits) {
    const schema::Table& table = *plan_.outputs.table;
    return MakeError(
        absl::StatusCode::kResourceExhausted,
        absl::StrCat("the ", table.message->name(), " is larger than a message may be, ",
                     limits_.bytes_max, " bytes (message-bytes-max)"),
        {"ROW_TOO_LARGE", {{"table", table.name}}, {}});
  }
  ++rows_;
  KeepPosition(rows, row);
  return Added::kYes;
}

bool RowStream::Append(const Rows& rows, int row, std::size_t value_max,
                       std::vector<LeftOutField>& left_out) {
  RowWriter writer(limits_.bytes_max, call_.measure_names, out_, left_out);
  AppendTag(out_, kRowsField, WireType::kBytes);
  {
    LengthScope scope(out_);
    if (!writer.Append(plan_.outputs, rows, row, row, value_max)) return false;
  }
  return out_.size() + TokenSize(rows, row) <= limits_.bytes_max;
}

std::size_t RowStream::TokenSize(const Rows& rows, int row) const {
  std::size_t values = 0;
  for (int cell : plan_.positions) values += rows.at(row, cell).view().size();
  return kTokenHeaderBytes + plan::PageTokenSize(plan_.positions.size(), values);
}

// The result may be gone when the message is taken.
void RowStream::KeepPosition(const Rows& rows, int row) {
  for (std::size_t i = 0; i < position_.size(); ++i) {
    const Cell value = rows.at(row, plan_.positions[i]);
    if (value.null()) {
      position_[i].reset();
    } else if (position_[i].has_value()) {
      position_[i]->assign(value.view());
    } else {
      position_[i].emplace(value.view());
    }
  }
}

std::string RowStream::Take() {
  AppendTag(out_, kTokenField, WireType::kBytes);
  AppendBytes(out_, plan::EncodePageToken({.fingerprint = call_.fingerprint, .cursor = position_}));
  rows_ = 0;
  return std::exchange(out_, std::string());
}

}  // namespace tenantry::codec
