#include "tests/isolation/filtering.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/strings.h"
#include "tests/support/operand.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;

// Total::TOTAL_EXACT of tenantry/v1/query.proto.
constexpr int kExact = 2;

const FieldDescriptor* Field(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

Message& Below(Message& message, const FieldDescriptor* field) {
  return *message.GetReflection()->MutableMessage(&message, field);
}

// `filter: {orders: {some: {total_cents: {eq: ...}}}}` with the value of `row`; null when the row
// has none.
MessagePtr ByRelation(const Method& method, const schema::Relation& relation,
                      const std::string& part, const Column& column, const std::string& op,
                      const Message& row) {
  MessagePtr request = test::ListRequest(method, {});
  Message* filter = &Below(*request, Field(*request, "filter"));
  filter = &Below(*filter, filter->GetDescriptor()->FindFieldByNumber(relation.number));
  if (relation.many) filter = &Below(*filter, Field(*filter, part));
  Message& operators = Below(*filter, filter->GetDescriptor()->FindFieldByNumber(column.number()));
  if (!test::SetOperand(column, Field(operators, op), row, operators)) return nullptr;
  return request;
}

std::set<std::string> ValuesIn(const Column& column, const std::vector<MessagePtr>& rows) {
  std::set<std::string> values;
  for (const MessagePtr& row : rows) values.insert(test::ValuesOf({&column}, *row));
  return values;
}

}  // namespace

bool Searches(const Method& method) {
  return method.function == nullptr && method.table->search.has_value() &&
         method.descriptor->input_type()->FindFieldByName("search") != nullptr;
}

Filtering::Filtering(Options options, Findings& findings)
    : options_(std::move(options)),
      schema_(options_.client.schema()),
      findings_(findings),
      a_(options_.client, options_.superuser_url, test::NewTenantId(), test::RowFactory("alphas"),
         3, findings),
      b_(options_.client, options_.superuser_url, test::NewTenantId(),
         test::RowFactory("betas", 10'000), 3, findings, &a_) {}

void Filtering::TryOperators() {
  for (const Method& method : schema_.methods()) {
    if (method.kind == v1::METHOD_KIND_LIST && !a_.rows(*method.table).empty()) Operators(method);
  }
}

void Filtering::TryRelations() {
  for (const Method& method : schema_.methods()) {
    if (method.kind != v1::METHOD_KIND_LIST || a_.rows(*method.table).empty()) continue;
    for (const schema::Relation& relation : method.table->relations) {
      if (!relation.target->tenant_root) Relation(method, relation);
    }
  }
}

void Filtering::Operators(const Method& method) {
  const auto* filter = method.descriptor->input_type()->FindFieldByName("filter")->message_type();
  for (const Column* column : method.table->comparable()) {
    const auto* type = filter->FindFieldByNumber(column->number())->message_type();
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string& op = type->field(i)->name();
      for (const MessagePtr& row : a_.rows(*method.table)) {
        const MessagePtr request = test::ListRequest(
            method, {.filter = column, .filter_row = row.get(), .filter_operator = op.c_str()});
        List(method, *request, absl::StrCat(column->name, " ", op));
      }
    }
  }
}

void Filtering::Relation(const Method& method, const schema::Relation& relation) {
  const Table& target = *relation.target;
  const int all = static_cast<int>(b_.rows(*method.table).size());
  int met = 0;
  for (const Column* column : target.comparable()) {
    const std::set<std::string> own = ValuesIn(*column, b_.rows(target));
    const auto list = [&](const char* part, const char* op, const Message& row) {
      const MessagePtr request = ByRelation(method, relation, part, *column, op, row);
      return request == nullptr ? -1
                                : List(method, *request, absl::StrCat(relation.name, " ", part));
    };
    for (const MessagePtr& row : a_.rows(target)) {
      if (own.contains(test::ValuesOf({column}, *row))) continue;  // says nothing
      const std::string what = absl::StrCat(relation.name, " with another tenant's ", column->name);
      if (list("some", "eq", *row) > 0) Report(method, what, "meets");
      if (!relation.many) continue;
      const int none = list("none", "eq", *row), every = list("every", "ne", *row);
      if (none >= 0 && none != all) Report(method, what, "is not none of them");
      if (every >= 0 && every != all) Report(method, what, "is not unlike each of them");
    }
    for (const MessagePtr& row : b_.rows(target)) met += list("some", "eq", *row) > 0 ? 1 : 0;
  }
  if (met == 0) Report(method, relation.name, "cannot be tried: not even own rows meet");
}

void Filtering::TryOrders() {
  for (const Method& method : schema_.methods()) {
    if (method.kind != v1::METHOD_KIND_LIST || a_.rows(*method.table).empty()) continue;
    for (const Column* column : method.table->orderable()) Order(method, nullptr, *column);
    for (const schema::Relation& relation : method.table->relations) {
      if (relation.many || relation.target->tenant_root) continue;
      for (const Column* column : relation.target->orderable()) Order(method, &relation, *column);
    }
  }
}

void Filtering::Order(const Method& method, const schema::Relation* relation,
                      const Column& column) {
  const MessagePtr request = test::ListRequest(method, {});
  Message* order = request->GetReflection()->AddMessage(request.get(), Field(*request, "order_by"));
  if (relation != nullptr) {
    order = &Below(*order, order->GetDescriptor()->FindFieldByNumber(relation->number));
  }
  order->GetReflection()->SetEnumValue(order, Field(*order, "field"), column.number());
  request->GetReflection()->SetEnumValue(request.get(), Field(*request, "total"), kExact);
  const std::string what =
      absl::StrCat("an order of ", relation == nullptr ? "" : relation->name + ".", column.name);
  const int all = static_cast<int>(b_.rows(*method.table).size());
  std::int64_t total = -1;
  const int listed = List(method, *request, what, &total);
  if (listed >= 0 && listed != all) Report(method, what, absl::StrCat("lists ", listed, " rows"));
  if (listed >= 0 && total != all) Report(method, what, absl::StrCat("counts ", total, " rows"));
}

void Filtering::TrySearches() {
  for (const Method& method : schema_.methods()) {
    if (!Searches(method) || a_.rows(*method.table).empty()) continue;
    const Table& table = *method.table;
    std::int64_t met = 0;
    for (const schema::Search::Part& part : table.search->parts) {
      for (const MessagePtr& row : b_.rows(table)) met += Search(method, *part.column, *row);
      for (const MessagePtr& row : a_.rows(table)) {
        const std::int64_t found = Search(method, *part.column, *row);
        if (found <= 0) continue;
        Report(method, "what another tenant's " + part.column->name + " holds",
               absl::StrCat("finds ", found, " rows"));
      }
    }
    if (met == 0) Report(method, "a search", "cannot be tried: not even own rows are found");
    searched_ += met > 0 ? 1 : 0;
  }
}

std::int64_t Filtering::Search(const Method& method, const Column& column, const Message& row) {
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByNumber(column.number());
  const std::string text = row.GetReflection()->GetString(row, field);
  if (text.empty()) return 0;
  const bool lists = method.kind == v1::METHOD_KIND_LIST;
  const MessagePtr request = method.kind == v1::METHOD_KIND_EXPORT ? test::ExportRequest(method, {})
                             : lists                               ? test::ListRequest(method, {})
                                     : test::AggregateRequest(method, {});
  request->GetReflection()->SetString(request.get(), Field(*request, "search"), text);
  if (method.kind == v1::METHOD_KIND_AGGREGATE) return Count(method, *request);
  if (!lists) return List(method, *request, "a search");
  request->GetReflection()->SetEnumValue(request.get(), Field(*request, "total"), kExact);
  std::int64_t total = 0;
  const int listed = List(method, *request, "a search", &total);
  return std::max<std::int64_t>(listed, total);
}

std::int64_t Filtering::Count(const Method& method, const Message& request) {
  const test::CallResult result =
      options_.client.Call(method, request, {.headers = test::As(b_.tenant(), options_.role)});
  if (!result.ok() || !result.reply) {
    Report(method, "a search", result.ToString());
    return -1;
  }
  const auto groups = test::RowsOf(*result.reply);
  return groups.size() == 1 ? test::OnlyMeasure(*groups[0]).integer() : 0;
}

int Filtering::List(const Method& method, const Message& request, const std::string& what,
                    std::int64_t* total) {
  const test::CallResult result =
      options_.client.Call(method, request, {.headers = test::As(b_.tenant(), options_.role)});
  if (!result.ok() || !result.reply) {
    Report(method, what, result.ToString());
    return -1;
  }
  if (total != nullptr) {
    *total =
        result.reply->GetReflection()->GetInt64(*result.reply, Field(*result.reply, "total_size"));
  }
  const Table& table = *method.table;
  // The keys are A's too, so the other values tell whose a row is.
  std::vector<const Column*> told;
  for (const Column* column : table.comparable()) {
    if (column->is_settable()) told.push_back(column);
  }
  std::set<std::string> own;
  for (const MessagePtr& row : b_.rows(table)) own.insert(test::ValuesOf(told, *row));
  const auto rows = test::RowsOf(*result.reply);
  for (const Message* row : rows) {
    if (own.contains(test::ValuesOf(told, *row))) continue;
    Report(method, absl::StrCat(what, ": lists a foreign row"), row->ShortDebugString());
  }
  return static_cast<int>(rows.size());
}

void Filtering::Report(const Method& method, std::string_view what, const std::string& detail) {
  findings_.Add(absl::StrCat(method.path, " filtered by ", ToAbsl(what), ": ", detail));
}

}  // namespace tenantry::isolation
