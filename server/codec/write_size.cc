// Checks whether the reply can hold what is about to be inserted.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/wire.h"
#include "server/plan/request_path.h"
#include "server/plan/row_size.h"

namespace tenantry::codec {
namespace {

using google::protobuf::Message;
using plan::Call;
using schema::Column;

// The bytes of a parameter become at most this many times as many in a reply. The worst case is a
// list of digits in JSON: each has two bytes of text and eleven in a Struct.
constexpr std::size_t kGrowthMax = 8;
constexpr std::size_t kRowHeaderMax = 11;  // tag and length

// How large a later update would take the value for. It measures the database's text, which has a
// space behind each comma and colon.
std::size_t JsonBytes(const std::string& text) {
  const auto count = [&](char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
  };
  return text.size() + count(':') + count(',') +
         plan::kSeparatorGrowthMax * (count(',') + count('[') + count('{'));
}

// Those that stand in the row's message.
std::size_t BytesOfRelations(const schema::Table& table, const Message& row) {
  std::size_t bytes = 0;
  const auto add = [&](const schema::Relation& relation, const Message& related) {
    const std::size_t size = related.ByteSizeLong();
    const auto tag = static_cast<std::size_t>(relation.number) << 3;
    bytes += VarintSize(tag) + VarintSize(size) + size;
  };
  const auto& reflection = *row.GetReflection();
  for (const schema::Relation& relation : table.relations) {
    if (!relation.many) {
      const bool sent = reflection.HasField(row, relation.api);
      if (sent) add(relation, reflection.GetMessage(row, relation.api));
      continue;
    }
    for (int i = 0, n = reflection.FieldSize(row, relation.api); i < n; ++i) {
      add(relation, reflection.GetRepeatedMessage(row, relation.api, i));
    }
  }
  return bytes;
}

// The row's bytes as an update would measure them (plan/row_size.h): what can be inserted can be
// updated. Never less than those of the reply. Without the rows of relations.
std::size_t RowBytes(const plan::Plan& plan, const plan::JsonTexts& json, const Message& row) {
  std::size_t bytes =
      row.ByteSizeLong() - BytesOfRelations(*plan.outputs.table, row) + plan.row_growth;
  const auto& reflection = *row.GetReflection();
  for (const Column* column : plan.outputs.columns) {
    if (column->array) {
      // numeric(12,2) makes 5.00 of 5.
      const auto each = static_cast<std::size_t>(plan::kSeparatorGrowthMax + column->scale + 2);
      bytes += each * static_cast<std::size_t>(reflection.FieldSize(row, column->api));
    } else if (column->type == schema::Type::kJson && reflection.HasField(row, column->api)) {
      const Message& value = reflection.GetMessage(row, column->api);
      const auto text = json.find(&value);
      if (text != json.end()) {
        bytes += std::max(JsonBytes(text->second), value.ByteSizeLong()) - value.ByteSizeLong();
      }
    }
  }
  return bytes;
}

// The rows that the call inserts, each with the plan by which it does.
template <typename Each>
void ForEachInserted(const Call& call, Each each) {
  call.ForEachStatement([&](const plan::Statement& statement) {
    if (!statement.plan->inserts) return;
    for (const Message* row : statement.rows) each(*statement.plan, *row);
  });
  if (call.row != nullptr) each(*call.plan, *call.row);
}

absl::Status TooLarge(const schema::Table& table, const char* reason, std::string path,
                      std::string description) {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat(path, ": ", description, "; nothing was written"),
                   {reason, {{"table", table.name}}, {{std::move(path), std::move(description)}}});
}

// Whether the reply holds the rows of this plan as they are written. The row of a call that makes
// one has a limit of its own, and that is enough.
bool IsToldWhole(const Call& call, const plan::Plan& plan) {
  if (call.plan->reply.form == plan::ReplyForm::kAffected) return false;
  return call.plan->inserts && (&plan != call.plan.get() || call.row == nullptr);
}

// Of a row among others, in the reply.
std::size_t EntryBytes(std::size_t row_bytes) { return 1 + VarintSize(row_bytes) + row_bytes; }

// Measures the rows one by one.
class WrittenSize {
 public:
  WrittenSize(const Call& call, ReplyLimits limits) : call_(call), limits_(limits) {}

  absl::Status Check() && {
    ForEachInserted(call_, [this](const plan::Plan& plan, const Message& row) { Add(plan, row); });
    if (status_.ok() && reply_ > limits_.bytes_max) status_ = ReplyTooLarge();
    return std::move(status_);
  }

 private:
  void Add(const plan::Plan& plan, const Message& row) {
    ++rows_;
    if (!status_.ok()) return;
    const std::size_t bytes = RowBytes(plan, call_.json, row);
    if (bytes > limits_.row_bytes_max) {
      status_ = TooLarge(*plan.outputs.table, "ROW_TOO_LARGE", plan::PathOf(*call_.request, row),
                         absl::StrCat("must have at most ", limits_.row_bytes_max,
                                      " bytes in all (row-bytes-max)"));
      return;
    }
    if (!IsToldWhole(call_, plan)) return;
    reply_ += EntryBytes(bytes);
    if (reply_ <= limits_.bytes_max) ++fitting_;
  }

  absl::Status ReplyTooLarge() const {
    return TooLarge(
        *call_.plan->method->table, "REPLY_TOO_LARGE",
        call_.plan->method->descriptor->input_type()->FindFieldByNumber(1)->name(),
        absl::StrCat("would make a reply of more than ", limits_.bytes_max,
                     " bytes (message-bytes-max): send fewer rows at a time; the first ", fitting_,
                     " of ", rows_, " fit"));
  }

  const Call& call_;
  const ReplyLimits limits_;
  absl::Status status_;
  std::size_t reply_ = 0;
  int rows_ = 0;
  int fitting_ = 0;
};

}  // namespace

absl::Status CheckWrittenSize(const Call& call, std::size_t params_bytes, ReplyLimits limits) {
  std::size_t most = 0;
  ForEachInserted(call, [&](const plan::Plan& plan, const Message&) {
    most += plan.row_growth + kRowHeaderMax;
  });
  if (most == 0) return absl::OkStatus();
  // Nearly all requests are much smaller, and need not be measured.
  most += kGrowthMax * params_bytes;
  if (most <= limits.row_bytes_max) return absl::OkStatus();
  return WrittenSize(call, limits).Check();
}

std::size_t WrittenRowsBytes(const Call& call) {
  std::size_t bytes = 0;
  ForEachInserted(call, [&](const plan::Plan& plan, const Message& row) {
    if (IsToldWhole(call, plan)) bytes += EntryBytes(RowBytes(plan, call.json, row));
  });
  return bytes;
}

}  // namespace tenantry::codec
