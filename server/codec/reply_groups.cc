#include "server/codec/reply_groups.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/bounded.h"
#include "server/codec/row_writer.h"
#include "server/codec/wire.h"
#include "server/schema/methods.h"

namespace tenantry::codec {
namespace {

namespace number = schema::field_number;

class GroupsWriter {
 public:
  GroupsWriter(const plan::Call& call, const Rows& rows, std::size_t bytes_max, std::string& out,
               std::vector<LeftOutField>& left_out)
      : call_(call),
        plan_(*call.plan),
        rows_(rows),
        bytes_max_(bytes_max),
        out_(out),
        left_out_(left_out),
        writer_(bytes_max, call.measure_names, out, left_out) {}

  absl::Status Write() {
    int count = static_cast<int>(std::min<std::int64_t>(rows_.row_count(), call_.page_size));
    for (int row = 0; row < count; ++row) {
      const std::size_t bytes = out_.size(), left_out = left_out_.size();
      if (AppendGroup(row, RowWriter::kAny) && Fits()) continue;
      if (row == 0) {
        if (!AppendShrunk(row)) return TooLarge();
        continue;
      }
      out_.resize(bytes);
      left_out_.resize(left_out);
      count = row;
    }
    if (rows_.row_count() > count || EndedForItsSize(plan_, rows_)) {
      AppendTag(out_, number::kAggregateHasMore, WireType::kVarint);
      AppendVarint(out_, 1);
    }
    return absl::OkStatus();
  }

 private:
  static constexpr std::size_t kHasMoreBytes = 2;

  bool Fits() const { return out_.size() + kHasMoreBytes <= bytes_max_; }

  bool AppendGroup(int row, std::size_t value_max) {
    AppendTag(out_, number::kAggregateGroups, WireType::kBytes);
    LengthScope scope(out_);
    return AppendKey(row, value_max) && AppendMeasures(row, value_max);
  }

  bool AppendKey(int row, std::size_t value_max) {
    if (plan_.outputs.cells == 0) return true;
    AppendTag(out_, number::kGroupKey, WireType::kBytes);
    LengthScope scope(out_);
    return writer_.Append(plan_.outputs, rows_, row, row, value_max);
  }

  bool AppendMeasures(int row, std::size_t value_max) {
    for (const plan::MeasureOutput& measure : plan_.measures) {
      const Cell cell = rows_.at(row, plan_.outputs.cells + static_cast<int>(measure.name));
      if (!writer_.AppendMeasure(measure, *plan_.outputs.table, number::kGroupValues, cell, row,
                                 value_max)) {
        return false;
      }
    }
    return true;
  }

  // The first group without its largest values, as the first row of a page.
  bool AppendShrunk(int row) {
    for (std::size_t value_max = bytes_max_ / 2; value_max > 0; value_max /= 2) {
      out_.clear();
      left_out_.clear();
      if (AppendGroup(row, value_max) && Fits()) return true;
    }
    return false;
  }

  absl::Status TooLarge() const {
    return MakeError(absl::StatusCode::kResourceExhausted,
                     absl::StrCat("a group is larger than a reply may be, ", bytes_max_,
                                  " bytes (message-bytes-max)"),
                     {"REPLY_TOO_LARGE", {{"table", plan_.method->table->name}}, {}});
  }

  const plan::Call& call_;
  const plan::Plan& plan_;
  const Rows& rows_;
  const std::size_t bytes_max_;
  std::string& out_;
  std::vector<LeftOutField>& left_out_;
  RowWriter writer_;
};

}  // namespace

absl::Status EncodeGroups(const plan::Call& call, const Rows& rows, std::size_t bytes_max,
                          std::string& reply, std::vector<LeftOutField>& left_out) {
  return GroupsWriter(call, rows, bytes_max, reply, left_out).Write();
}

}  // namespace tenantry::codec
