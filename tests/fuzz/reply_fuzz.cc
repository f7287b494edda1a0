// Rows of any content become a reply that clients can parse.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "google/protobuf/message.h"
#include "server/base/metrics.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"
#include "server/codec/row_stream.h"
#include "server/methods/planner.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/message.h"
#include "tests/support/saas_schema.h"

namespace {

using namespace tenantry;
using Value = std::optional<std::string>;

template <typename T>
std::string Be(T value) {
  std::string out;
  codec::AppendBigEndian(out, value);
  return out;
}

std::string Sized(const Value& value) {
  return value ? Be(static_cast<std::int32_t>(value->size())) + *value : Be<std::int32_t>(-1);
}

std::string Array(const std::vector<Value>& elements) {
  std::string out =
      Be<std::int32_t>(elements.empty() ? 0 : 1) + Be<std::int32_t>(0) + Be<std::int32_t>(25);
  if (elements.empty()) return out;
  out += Be(static_cast<std::int32_t>(elements.size())) + Be<std::int32_t>(1);
  for (const Value& element : elements) out += Sized(element);
  return out;
}

// A value in the form of some type, often not the column's.
std::string Scalar(fuzz::Input& input) {
  switch (input.Below(8)) {
    case 0:
      return std::string(1, static_cast<char>(input.Byte() & 1));
    case 1:
      return Be(static_cast<std::int32_t>(input.Number()));
    case 2:
      return Be(static_cast<std::int64_t>(input.Number()));
    case 3:
      return Be(input.Number()) + Be(input.Number());
    case 4:
      return fuzz::SomeText(input);
    case 5:
      return std::string("\1{\"a\": [1, ") + std::to_string(input.Byte()) + "]}";
    case 6: {  // numeric: digits, weight, sign, scale
      std::string out = Be(static_cast<std::int16_t>(input.Below(4)));
      for (int i = 0; i < 6; ++i) out += Be(static_cast<std::int16_t>(input.Number() >> 48));
      return out;
    }
    default:
      return input.Text(input.Below(40));
  }
}

Value SomeValue(fuzz::Input& input) {
  const std::size_t kind = input.Below(8);
  if (kind == 0) return std::nullopt;
  if (kind > 2) return Scalar(input);
  std::vector<Value> elements;
  const std::string same = Scalar(input);
  for (std::size_t i = input.Below(5); i > 0; --i) {
    elements.push_back(kind == 1 ? Value(same) : SomeValue(input));
  }
  return Array(elements);
}

// Something that no database sends.
void Damage(fuzz::Input& input, std::string& value) {
  if (value.empty() || input.Below(6) != 0) return;
  if (input.Bool()) {
    value[input.Below(value.size())] = static_cast<char>(input.Byte());
  } else {
    value.resize(input.Below(value.size()));
  }
}

void AppendCells(fuzz::Input& input, const plan::Outputs& outputs, std::vector<Value>& cells) {
  for (std::size_t i = 0; i < outputs.columns.size(); ++i) cells.push_back(SomeValue(input));
  for (const plan::Outputs::Child& child : outputs.children) {
    if (!child.relation->many) {
      cells.push_back(std::string(1, static_cast<char>(input.Bool())));
      AppendCells(input, child.row, cells);
      continue;
    }
    if (!child.measures.empty()) {
      std::string record = Be(static_cast<std::int32_t>(child.measures.size()));
      for (std::size_t i = child.measures.size(); i > 0; --i) {
        record += Be<std::int32_t>(25) + Sized(SomeValue(input));
      }
      Damage(input, record);
      cells.emplace_back(record);
      continue;
    }
    std::vector<Value> records;
    for (std::size_t i = input.empty() ? 0 : input.Below(3); i > 0; --i) {
      std::vector<Value> row;
      AppendCells(input, child.row, row);
      std::string record = Be(static_cast<std::int32_t>(row.size()));
      for (const Value& cell : row) record += Be<std::int32_t>(25) + Sized(cell);
      Damage(input, record);
      records.emplace_back(record);
    }
    std::string array = Array(records);
    Damage(input, array);
    cells.emplace_back(array);
  }
}

// Each cell has memory of its own, so that the sanitizer sees a read beyond it.
class SomeRows final : public Rows {
 public:
  SomeRows(fuzz::Input& input, const plan::Plan& plan) {
    columns_ = std::max(1, plan.cells + (plan.bounded ? 1 : 0));
    for (std::size_t i = input.Below(4); i > 0; --i) {
      std::vector<Value> row;
      AppendCells(input, plan.outputs, row);
      while (row.size() < static_cast<std::size_t>(columns_)) row.push_back(SomeValue(input));
      rows_.emplace_back();
      for (const Value& value : row) {
        auto& [bytes, size] = rows_.back().emplace_back(nullptr, -1);
        if (!value) continue;
        size = static_cast<std::int32_t>(value->size());
        bytes.reset(new char[value->size()]);
        value->copy(bytes.get(), value->size());
      }
    }
  }
  int row_count() const override { return static_cast<int>(rows_.size()); }
  int column_count() const override { return columns_; }
  Cell at(int row, int column) const override {
    fuzz::Expect(row < row_count() && column < columns_, "a cell that is there");
    const auto& [bytes, size] = rows_[row][column];
    return {bytes.get(), size};
  }

 private:
  int columns_ = 0;
  std::vector<std::vector<std::pair<std::unique_ptr<char[]>, std::int32_t>>> rows_;
};

const methods::Planner& PlannerOf(bool ledger) {
  static MetricRegistry metrics[2];
  static methods::Planner saas(testing::SaasSchema(), methods::PlannerOptions{}, metrics[0]);
  static methods::Planner books(testing::LedgerSchema(), methods::PlannerOptions{}, metrics[1]);
  return ledger ? books : saas;
}

// Message by message, as an export tells its rows.
void Stream(const plan::Call& call, const Rows& rows, std::size_t bytes_max) {
  const google::protobuf::Descriptor& type = *call.plan->method->descriptor->output_type();
  codec::RowStream stream(call, {.bytes = bytes_max / 2, .rows_max = 3, .bytes_max = bytes_max});
  std::vector<codec::LeftOutField> left_out;
  const auto take = [&] {
    const std::string bytes = stream.Take();
    fuzz::Expect(bytes.size() <= bytes_max, "a message is within its limit", type.full_name());
    const bool parsed =
        testing::NewMessage(type)->ParseFromString(bytes) ||
        ReasonOf(codec::DiagnoseUndecodable(bytes, type, 100)) != "REQUEST_UNDECODABLE";
    fuzz::Expect(parsed, "a client can parse a message", absl::CHexEscape(bytes));
  };
  for (int row = 0; row < rows.row_count(); ++row) {
    auto added = stream.Add(rows, row, left_out);
    if (added.ok() && *added == codec::RowStream::Added::kFull) {
      take();
      added = stream.Add(rows, row, left_out);
    }
    if (!added.ok()) return;
    fuzz::Expect(*added == codec::RowStream::Added::kYes, "a row fits alone", type.full_name());
    if (stream.has_enough()) take();
  }
  if (!stream.empty()) take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Silence();
  fuzz::Input input(data, size);
  const bool ledger = input.Bool();
  const schema::Schema& schema = ledger ? testing::LedgerSchema() : testing::SaasSchema();
  const schema::Method& method = schema.methods()[input.Below(schema.methods().size())];
  const auto request = testing::NewMessage(*method.descriptor->input_type());
  fuzz::FillMessage(input, *request);
  if (!request->ParseFromString(request->SerializePartialAsString())) return 0;
  const auto call = PlannerOf(ledger).Prepare(method, *request);
  if (!call.ok()) return 0;

  std::vector<std::unique_ptr<SomeRows>> rows;
  std::vector<const Rows*> results;
  call->ForEachStatement([&](const plan::Statement& statement) {
    rows.push_back(std::make_unique<SomeRows>(input, *statement.plan));
    results.push_back(rows.back().get());
  });
  // From the least that message-bytes-max may be.
  const std::size_t bytes_max = input.Bool() ? 1 << 20 : 1024 + input.Below(4000);
  if (call->plan->reply.form == plan::ReplyForm::kStream) {
    Stream(*call, *results[0], bytes_max);
    return 0;
  }
  std::string reply;
  std::vector<codec::LeftOutField> left_out;
  if (!codec::EncodeReply(*call, results, bytes_max, reply, left_out).ok()) return 0;
  const auto message = testing::NewMessage(*method.descriptor->output_type());
  // Texts are UTF-8, since no other database is let in (migrate/guard.cc); those here need not be.
  const bool parsed = message->ParseFromString(reply) ||
                      ReasonOf(codec::DiagnoseUndecodable(reply, *method.descriptor->output_type(),
                                                          100)) != "REQUEST_UNDECODABLE";
  fuzz::Expect(parsed, "a client can parse the reply",
               method.path + " " + request->ShortDebugString() + "\n" + absl::CHexEscape(reply));
  if (method.read_only) {
    fuzz::Expect(reply.size() <= bytes_max, "a reply is within its limit", method.path);
  }
  return 0;
}
