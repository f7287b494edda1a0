#include "tests/isolation/aggregating.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"
#include "tests/support/operand.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {
namespace {

namespace number = schema::field_number;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;
using schema::Type;

const FieldDescriptor* Field(const Message& message, int field) {
  return message.GetDescriptor()->FindFieldByNumber(field);
}

bool Has(const Column& column, const Message& row) {
  const FieldDescriptor* field = Field(row, column.number());
  return !field->has_presence() || row.GetReflection()->HasField(row, field);
}

bool IsNumber(Type type) {
  return type == Type::kInt32 || type == Type::kInt64 || type == Type::kFloat ||
         type == Type::kDouble || type == Type::kNumeric;
}

bool Fits(int function, Type type) {
  if (function <= v1::AGGREGATE_FUNCTION_COUNT_DISTINCT || IsNumber(type)) return true;
  const bool ordered =
      type == Type::kText || type == Type::kUlid || type == Type::kDate || type == Type::kTimestamp;
  return function >= v1::AGGREGATE_FUNCTION_MIN && ordered;
}

double NumberIn(const Column& column, const Message& row) {
  const FieldDescriptor* field = Field(row, column.number());
  const auto* r = row.GetReflection();
  switch (column.type) {
    case Type::kInt32:
      return r->GetInt32(row, field);
    case Type::kInt64:
      return static_cast<double>(r->GetInt64(row, field));
    case Type::kFloat:
      return r->GetFloat(row, field);
    case Type::kDouble:
      return r->GetDouble(row, field);
    default:
      return std::stod(r->GetString(row, field));
  }
}

// What B's rows come to: numbers.
double Expected(int function, const Column& column, const std::vector<const Message*>& rows) {
  std::set<std::string> different;
  std::vector<double> values;
  for (const Message* row : rows) {
    different.insert(test::ValuesOf({&column}, *row));
    if (IsNumber(column.type)) values.push_back(NumberIn(column, *row));
  }
  double sum = 0;
  for (double value : values) sum += value;
  switch (function) {
    case v1::AGGREGATE_FUNCTION_COUNT:
      return static_cast<double>(rows.size());
    case v1::AGGREGATE_FUNCTION_COUNT_DISTINCT:
      return static_cast<double>(different.size());
    case v1::AGGREGATE_FUNCTION_SUM:
      return sum;
    case v1::AGGREGATE_FUNCTION_AVG:
      return sum / static_cast<double>(values.size());
    case v1::AGGREGATE_FUNCTION_MIN:
      return *std::min_element(values.begin(), values.end());
    default:
      return *std::max_element(values.begin(), values.end());
  }
}

double NumberOf(const v1::AggregateValue& value) {
  if (value.has_decimal()) return std::stod(value.decimal());
  return value.has_floating() ? value.floating() : static_cast<double>(value.integer());
}

// The same of a text or time that some row has.
bool IsValueOf(const v1::AggregateValue& value, const Column& column, const Message& row) {
  const FieldDescriptor* field = Field(row, column.number());
  if (column.type == Type::kTimestamp) {
    const Message& time = row.GetReflection()->GetMessage(row, field);
    return value.timestamp().SerializeAsString() == time.SerializeAsString();
  }
  const std::string text = row.GetReflection()->GetString(row, field);
  return (value.has_date() ? value.date() : value.text()) == text;
}

// Whether the function can have made the value of these rows, which have the column.
bool IsMadeOf(const v1::AggregateValue& value, int function, const Column& column,
              const std::vector<const Message*>& rows) {
  const bool counts = function <= v1::AGGREGATE_FUNCTION_COUNT_DISTINCT;
  if (rows.empty() && !counts) return value.value_case() == 0;
  if (counts || IsNumber(column.type)) {
    const double expected = Expected(function, column, rows);
    return std::abs(NumberOf(value) - expected) <= 1e-6 * std::max(1.0, std::abs(expected));
  }
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Message* row) { return IsValueOf(value, column, *row); });
}

std::string NameOf(int function) {
  std::string name = absl::AsciiStrToLower(v1::AggregateFunction_Name(function));
  return name.substr(std::string("aggregate_function_").size());
}

}  // namespace

Aggregating::Aggregating(Options options, Findings& findings)
    : options_(std::move(options)),
      schema_(options_.client.schema()),
      findings_(findings),
      a_(options_.client, options_.superuser_url, test::NewTenantId(), test::RowFactory("alphas"),
         3, findings),
      b_(options_.client, options_.superuser_url, test::NewTenantId(),
         test::RowFactory("betas", 10'000), 3, findings, &a_) {}

template <typename Try>
void Aggregating::ForEachMethod(Try attempt) {
  for (const Method& method : schema_.methods()) {
    const bool aggregates = method.kind == v1::METHOD_KIND_AGGREGATE;
    if (aggregates && !a_.rows(*method.table).empty()) attempt(method);
  }
}

void Aggregating::TryColumns() {
  ForEachMethod([this](const Method& method) {
    for (const Column* column : method.table->orderable()) {
      Groups(method, nullptr, *column);
      Functions(method, *column);
    }
  });
}

void Aggregating::TryRelations() {
  ForEachMethod([this](const Method& method) {
    for (const schema::Relation& relation : method.table->relations) {
      if (!schema::IsRead(*relation.target) || relation.target->tenant_root) continue;
      Counted(method, relation);
      if (relation.many) continue;
      for (const Column* column : relation.target->orderable()) {
        Groups(method, &relation, *column);
      }
    }
  });
}

void Aggregating::Groups(const Method& method, const schema::Relation* relation,
                         const Column& column) {
  const Table& table = relation == nullptr ? *method.table : *relation->target;
  std::set<std::string> own;
  for (const MessagePtr& row : b_.rows(table)) own.insert(test::ValuesOf({&column}, *row));
  // A view may refer to a row that is deleted.
  if (b_.deleted(table) != nullptr) own.insert(test::ValuesOf({&column}, *b_.deleted(table)));
  const std::string what =
      absl::StrCat("by ", relation == nullptr ? "" : relation->name + ".", column.name);
  std::int64_t rows = 0;
  bool any = false;
  for (const MessagePtr& group :
       Call(method, *test::AggregateRequest(method, {.relation = relation, .group = &column}),
            what)) {
    rows += test::OnlyMeasure(*group).integer();
    const Message* key =
        &group->GetReflection()->GetMessage(*group, Field(*group, number::kGroupKey));
    if (relation != nullptr) {
      const FieldDescriptor* field = Field(*key, relation->number);
      if (!key->GetReflection()->HasField(*key, field)) continue;
      key = &key->GetReflection()->GetMessage(*key, field);
    }
    any = true;
    if (!own.contains(test::ValuesOf({&column}, *key))) {
      Report(method, what, absl::StrCat("tells a foreign value, ", key->ShortDebugString()));
    }
  }
  const auto expected = static_cast<std::int64_t>(b_.rows(*method.table).size());
  if (rows != expected) {
    Report(method, what, absl::StrCat("counts ", rows, " rows instead of ", expected));
  }
  const bool refers = relation == nullptr || column.not_null;
  if (!any && refers) Report(method, what, "cannot be tried: there is not even an own value");
}

void Aggregating::Functions(const Method& method, const Column& column) {
  std::vector<const Message*> rows;
  for (const MessagePtr& row : b_.rows(*method.table)) {
    if (Has(column, *row)) rows.push_back(row.get());
  }
  for (int function = v1::AGGREGATE_FUNCTION_COUNT; function <= v1::AGGREGATE_FUNCTION_MAX;
       ++function) {
    if (!Fits(function, column.type)) continue;
    const std::string what = absl::StrCat(NameOf(function), " of ", column.name);
    const auto groups = Call(
        method, *test::AggregateRequest(method, {.function = function, .field = &column}), what);
    if (groups.size() != 1) {
      Report(method, what, absl::StrCat("gives ", groups.size(), " groups instead of one"));
      continue;
    }
    const v1::AggregateValue value = test::OnlyMeasure(*groups[0]);
    if (IsMadeOf(value, function, column, rows)) continue;
    Report(method, what, absl::StrCat("gives ", value.ShortDebugString()));
  }
}

void Aggregating::TryBesideRows() {
  for (const Method& method : schema_.methods()) {
    if (method.kind != v1::METHOD_KIND_LIST || a_.rows(*method.table).empty()) continue;
    for (const schema::Relation& relation : method.table->relations) {
      if (!relation.many || !schema::IsRead(*relation.target)) continue;
      for (const Column* column : relation.target->orderable()) {
        BesideRows(method, relation, *column);
      }
    }
  }
}

void Aggregating::BesideRows(const Method& method, const schema::Relation& relation,
                             const Column& column) {
  const std::string what = absl::StrCat("with ", relation.name, " measured by ", column.name);
  const MessagePtr request = test::ListRequest(method, {});
  const auto below = [](Message& message, int field) -> Message& {
    return *message.GetReflection()->MutableMessage(&message, Field(message, field));
  };
  Message& aggregates = below(below(*request, number::kListSelect), number::kAggregates);
  std::vector<int> functions;
  for (int function = v1::AGGREGATE_FUNCTION_COUNT; function <= v1::AGGREGATE_FUNCTION_MAX;
       ++function) {
    if (!Fits(function, column.type)) continue;
    functions.push_back(function);
    Message& measure =
        *aggregates.GetReflection()->AddMessage(&aggregates, Field(aggregates, relation.number));
    const auto* reflection = measure.GetReflection();
    reflection->SetString(&measure, Field(measure, number::kMeasureName), NameOf(function));
    reflection->SetEnumValue(&measure, Field(measure, number::kMeasureFunction), function);
    reflection->SetEnumValue(&measure, Field(measure, number::kMeasureField), column.number());
  }
  const test::CallResult result =
      options_.client.Call(method, *request, {.headers = test::As(b_.tenant(), options_.role)});
  if (!result.ok() || !result.reply) return Report(method, what, result.ToString());
  for (const Message* row : test::RowsOf(*result.reply)) {
    std::vector<const Message*> related;
    for (const MessagePtr& one : b_.rows(*relation.target)) {
      const bool tied =
          test::ValuesOf(relation.columns, *row) == test::ValuesOf(relation.references, *one);
      if (tied && Has(column, *one)) related.push_back(one.get());
    }
    const auto values = test::AggregatesIn(*row, number::kAggregates);
    for (int function : functions) {
      const auto value = values.find(NameOf(function));
      if (value != values.end() && IsMadeOf(value->second, function, column, related)) continue;
      Report(method, what,
             absl::StrCat("gives ", NameOf(function), " ",
                          value == values.end() ? "nothing" : value->second.ShortDebugString()));
    }
    measured_ += static_cast<int>(related.size());
  }
}

void Aggregating::Counted(const Method& method, const schema::Relation& relation) {
  const Table& target = *relation.target;
  const std::string what = absl::StrCat("counted by ", relation.name);
  // How many rows are counted that lead to `row`; nothing when it has no such value.
  const auto count = [&](const Column& column, const Message& row) -> std::int64_t {
    const MessagePtr request = test::AggregateRequest(method, {});
    const FieldDescriptor* measures = Field(*request, number::kAggregateMeasures);
    Message* at = request->GetReflection()->MutableRepeatedMessage(request.get(), measures, 0);
    const auto below = [&at](int field) {
      at = at->GetReflection()->MutableMessage(at, Field(*at, field));
    };
    below(number::kMeasureFilter);
    below(relation.number);
    if (relation.many) below(1);  // some
    below(column.number());
    if (!test::SetOperand(column, Field(*at, 1), row, *at)) return 0;  // eq
    const auto groups = Call(method, *request, what);
    return groups.size() == 1 ? test::OnlyMeasure(*groups[0]).integer() : 0;
  };
  std::int64_t met = 0;
  for (const Column* column : target.orderable()) {
    std::set<std::string> own;
    for (const MessagePtr& row : b_.rows(target)) {
      own.insert(test::ValuesOf({column}, *row));
      met += count(*column, *row);
    }
    for (const MessagePtr& row : a_.rows(target)) {
      if (own.contains(test::ValuesOf({column}, *row))) continue;  // says nothing
      const std::int64_t counted = count(*column, *row);
      if (counted == 0) continue;
      Report(method, what, absl::StrCat("counts ", counted, " by another tenant's ", column->name));
    }
  }
  if (met == 0) Report(method, what, "cannot be tried: not even own rows are counted");
}

std::vector<MessagePtr> Aggregating::Call(const Method& method, const Message& request,
                                          const std::string& what) {
  const test::CallResult result =
      options_.client.Call(method, request, {.headers = test::As(b_.tenant(), options_.role)});
  if (!result.ok() || !result.reply) {
    Report(method, what, result.ToString());
    return {};
  }
  std::vector<MessagePtr> groups;
  const FieldDescriptor* field = Field(*result.reply, number::kAggregateGroups);
  for (int i = 0, n = result.reply->GetReflection()->FieldSize(*result.reply, field); i < n; ++i) {
    groups.push_back(
        test::Copy(result.reply->GetReflection()->GetRepeatedMessage(*result.reply, field, i)));
  }
  return groups;
}

void Aggregating::Report(const Method& method, const std::string& what, const std::string& detail) {
  findings_.Add(absl::StrCat(method.path, " ", what, ": ", detail));
}

}  // namespace tenantry::isolation
