// Checks whether the reply can hold what is about to be inserted.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/wire.h"
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

// The row's bytes as an update would measure them (plan/row_size.h): what can be inserted can be
// updated. Never less than those of the reply.
std::size_t RowBytes(const Call& call, const Message& row) {
  std::size_t bytes = row.ByteSizeLong() + call.plan->row_growth;
  const auto& reflection = *row.GetReflection();
  for (const Column* column : call.plan->outputs.columns) {
    if (column->array) {
      // numeric(12,2) makes 5.00 of 5.
      const auto each = static_cast<std::size_t>(plan::kSeparatorGrowthMax + column->scale + 2);
      bytes += each * static_cast<std::size_t>(reflection.FieldSize(row, column->api));
    } else if (column->type == schema::Type::kJson && reflection.HasField(row, column->api)) {
      const Message& value = reflection.GetMessage(row, column->api);
      const auto text = call.json.find(&value);
      if (text != call.json.end()) {
        bytes += std::max(JsonBytes(text->second), value.ByteSizeLong()) - value.ByteSizeLong();
      }
    }
  }
  return bytes;
}

absl::Status TooLarge(const Call& call, const char* reason, std::string path,
                      std::string description) {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat(path, ": ", description, "; nothing was written"),
                   {reason,
                    {{"table", call.plan->method->table->name}},
                    {{std::move(path), std::move(description)}}});
}

absl::Status RowTooLarge(const Call& call, std::string path, std::size_t bytes_max) {
  return TooLarge(call, "ROW_TOO_LARGE", std::move(path),
                  absl::StrCat("must have at most ", bytes_max, " bytes in all (row-bytes-max)"));
}

// Of a row of a batch, in the reply.
std::size_t EntryBytes(std::size_t row_bytes) { return 1 + VarintSize(row_bytes) + row_bytes; }

bool InsertsBatch(const Call& call) {
  return call.plan->method->kind == v1::METHOD_KIND_BATCH_CREATE;
}

absl::Status CheckBatch(const Call& call, ReplyLimits limits) {
  const auto& requests = *call.plan->method->descriptor->input_type()->FindFieldByNumber(1);
  std::size_t reply = 0;
  for (std::size_t i = 0; i < call.rows.size(); ++i) {
    const std::size_t bytes = RowBytes(call, *call.rows[i]);
    if (bytes > limits.row_bytes_max) {
      const std::string& row = requests.message_type()->FindFieldByNumber(1)->name();
      return RowTooLarge(call, absl::StrCat(requests.name(), "[", i, "].", row),
                         limits.row_bytes_max);
    }
    reply += EntryBytes(bytes);
    if (reply > limits.bytes_max) {
      return TooLarge(call, "REPLY_TOO_LARGE", requests.name(),
                      absl::StrCat("would make a reply of more than ", limits.bytes_max,
                                   " bytes (message-bytes-max): send fewer rows at a time; the "
                                   "first ",
                                   i, " of ", call.rows.size(), " fit"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWrittenSize(const Call& call, const SqlParams& params, ReplyLimits limits) {
  const bool batch = InsertsBatch(call);
  if (!batch && call.plan->method->kind != v1::METHOD_KIND_CREATE) return absl::OkStatus();
  const std::size_t rows = batch ? call.rows.size() : 1;
  // Nearly all requests are much smaller, and need not be measured.
  const std::size_t most =
      kGrowthMax * params.size_in_bytes() + rows * (call.plan->row_growth + kRowHeaderMax);
  if (most <= limits.row_bytes_max) return absl::OkStatus();
  if (batch) return CheckBatch(call, limits);
  if (RowBytes(call, *call.row) <= limits.row_bytes_max) return absl::OkStatus();
  return RowTooLarge(call,
                     call.plan->method->descriptor->input_type()->FindFieldByNumber(1)->name(),
                     limits.row_bytes_max);
}

std::size_t WrittenBatchBytes(const Call& call) {
  if (!InsertsBatch(call)) return 0;
  std::size_t bytes = 0;
  for (const Message* row : call.rows) bytes += EntryBytes(RowBytes(call, *row));
  return bytes;
}

}  // namespace tenantry::codec
