#include "server/plan/row_rules.h"

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "server/base/ids.h"
#include "server/base/values.h"

namespace tenantry::plan {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::RowValue;
using schema::RuleValue;
using schema::Type;

// The values of a row as rules look at them.
class RowReader {
 public:
  RowReader(const Message& row, absl::FunctionRef<bool(const Column&)> is_known)
      : row_(row), is_known_(is_known) {}

  bool Knows(const Column& column) {
    const auto found = values_.find(&column);
    if (found != values_.end()) return found->second.has_value();
    return values_.emplace(&column, Read(column)).first->second.has_value();
  }

  // Of a column that it knows.
  RowValue Get(const Column& column) const { return *values_.at(&column); }

 private:
  // Nothing when the value is not known, or is none of the column's type, which is told elsewhere.
  std::optional<RowValue> Read(const Column& column) {
    if (!column.is_settable() || !is_known_(column)) return std::nullopt;
    const Value value{&row_, column.api};
    if (IsPresent(value)) return Convert(column, value);
    if (column.not_null || !column.default_sql.empty()) return std::nullopt;
    return RowValue();
  }

  std::optional<RowValue> Convert(const Column& column, const Value& value) {
    std::string scratch;
    switch (column.type) {
      case Type::kBool:
        return RuleValue(std::int64_t{value.as_bool()});
      case Type::kEnum:
        return RuleValue(std::int64_t{value.as_enum()});
      case Type::kInt32:
      case Type::kInt64:
        return RuleValue(value.as_int());
      case Type::kFloat:
      case Type::kDouble:
        return RuleValue(value.as_double());
      case Type::kTimestamp: {
        const TimestampParts time = TimestampOf(value.as_message());
        return RuleValue(schema::TimeValue{time.seconds, time.nanos});
      }
      case Type::kText:
        return RuleValue(Keep(value.as_string(scratch)));
      case Type::kUuid:
        return RuleValue(Keep(absl::AsciiStrToLower(value.as_string(scratch))));
      case Type::kUlid:
        return RuleValue(Keep(absl::AsciiStrToUpper(value.as_string(scratch))));
      case Type::kNumeric: {
        const std::optional<Decimal> decimal = ParseDecimal(Keep(value.as_string(scratch)));
        if (!decimal) return std::nullopt;
        return RuleValue(*decimal);
      }
      case Type::kDate: {
        const auto day = ParseDate(value.as_string(scratch));
        if (!day) return std::nullopt;
        return RuleValue(*day);
      }
      default:
        // It is not compared: what counts is that it is there.
        return RuleValue(std::int64_t{0});
    }
  }

  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  const Message& row_;
  const absl::FunctionRef<bool(const Column&)> is_known_;
  std::map<const Column*, std::optional<RowValue>> values_;
  std::deque<std::string> texts_;
};

}  // namespace

void CheckRowRules(const schema::Table& table, const Message& row, const Path& path,
                   absl::FunctionRef<bool(const Column&)> is_known, Violations& violations) {
  if (table.rules.empty()) return;
  RowReader reader(row, is_known);
  for (const schema::RowRule& rule : table.rules) {
    const bool known =
        absl::c_all_of(rule.columns, [&](const Column* column) { return reader.Knows(*column); });
    const auto value_of = [&](const Column& column) { return reader.Get(column); };
    if (!known || schema::KeepsRowRule(rule, value_of)) continue;
    if (rule.subject == nullptr) {
      violations.Add(path, rule.message);
    } else {
      violations.Add(Path(path, rule.subject->api->name()), rule.message);
    }
  }
}

}  // namespace tenantry::plan
