// Aggregate: rows in groups, and what each group comes to.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/methods/group_by.h"
#include "server/methods/large_rows.h"
#include "server/methods/measures.h"
#include "server/methods/page.h"
#include "server/methods/standard_method.h"
#include "server/methods/wanted_rows.h"
#include "server/plan/row_size.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::methods {
namespace {

namespace number = schema::field_number;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using plan::Value;
using plan::Violations;
using schema::Type;

// More would be no report that anybody reads.
constexpr int kKeysMax = 16;
constexpr int kHavingMax = 50;

// The filter of MeasureFilter for what a measure comes to.
int FilterFieldOf(Type type) {
  switch (type) {
    case Type::kInt64:
      return v1::MeasureFilter::kIntegerFieldNumber;
    case Type::kNumeric:
      return v1::MeasureFilter::kDecimalFieldNumber;
    case Type::kDouble:
      return v1::MeasureFilter::kFloatingFieldNumber;
    case Type::kTimestamp:
      return v1::MeasureFilter::kTimestampFieldNumber;
    case Type::kDate:
      return v1::MeasureFilter::kDateFieldNumber;
    default:
      return v1::MeasureFilter::kTextFieldNumber;
  }
}

// What one request asks for.
class AggregateWalk {
 public:
  AggregateWalk(const MethodContext& context, const WantedRows& wanted, plan::Call& call,
                plan::Aggregate& query, Violations& violations)
      : limits_(context.limits),
        wanted_(wanted),
        filters_(context.filters),
        call_(call),
        query_(query),
        violations_(violations),
        group_by_(context.limits, call, violations),
        measures_(*query.table, context.filters, call, violations) {}

  void Take() {
    wanted_.Take(call_, query_.where, query_.deleted, violations_);
    query_.grouping.table = query_.table;
    ForEach(number::kAggregateGroupBy, kKeysMax, [this](const Message& entry, const Path& path) {
      group_by_.Take(entry, path, query_.grouping);
    });
    ForEach(number::kAggregateMeasures, kMeasuresMax,
            [this](const Message& entry, const Path& path) {
              measures_.Take(entry, path, query_.measures);
            });
    if (query_.measures.empty() && violations_.empty()) measures_.TakeRows(query_.measures);
    TakeHaving();
    TakeOrder();
    TakeLimit();
  }

 private:
  // The entries of a repeated field, with their paths; none when there are too many.
  template <typename Each>
  void ForEach(int field_number, int max, Each each) {
    const Message& request = *call_.request;
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByNumber(field_number);
    const int size = request.GetReflection()->FieldSize(request, field);
    const Path root;
    if (size > max) {
      violations_.Add(Path(root, field->name()),
                      absl::StrCat("must have at most ", max, " entries, has ", size));
      return;
    }
    for (int i = 0; i < size && !violations_.full(); ++i) {
      each(request.GetReflection()->GetRepeatedMessage(request, field, i),
           Path(root, field->name(), i));
    }
  }

  void TakeHaving() {
    // What a measure that is not valid comes to is not known.
    const bool measured = violations_.empty();
    ForEach(number::kAggregateHaving, kHavingMax, [&](const Message& entry, const Path& path) {
      const Value name = Part(entry, v1::MeasureFilter::kMeasureFieldNumber);
      const int measure = measures_.TakeNamed(name, path);
      if (measure >= 0 && measured) TakeCondition(entry, measure, path);
    });
  }

  void TakeCondition(const Message& entry, int index, const Path& path) {
    const std::size_t at = static_cast<std::size_t>(index);
    const Type type = plan::ResultOf(query_.measures[at]);
    const FieldDescriptor* wanted = entry.GetDescriptor()->FindFieldByNumber(FilterFieldOf(type));
    const FieldDescriptor* set =
        entry.GetReflection()->GetOneofFieldDescriptor(entry, wanted->containing_oneof());
    if (set != wanted) {
      violations_.Add(set == nullptr ? path : Path(path, set->name()),
                      absl::StrCat("what ", call_.measure_names[at], " comes to is filtered by `",
                                   wanted->name(), "`"));
      return;
    }
    std::vector<plan::Expr> conditions;
    filters_.TakeOperators(plan::ColumnOf(type), entry.GetReflection()->GetMessage(entry, set),
                           Path(path, set->name()), call_, conditions, violations_);
    for (plan::Expr& condition : conditions) {
      query_.having.push_back({index, std::move(condition)});
    }
  }

  void TakeOrder() {
    const int keys = group_by_.keys();
    std::vector<bool> ordered(static_cast<std::size_t>(keys), false);
    ForEach(number::kAggregateOrderBy, kKeysMax + kMeasuresMax,
            [&](const Message& entry, const Path& path) { TakeTerm(entry, path, ordered); });
    // By the other keys in the end, so that no two groups are equal.
    for (int i = 0; i < keys; ++i) {
      if (!ordered[static_cast<std::size_t>(i)]) query_.order.push_back({.index = i});
    }
  }

  void TakeTerm(const Message& entry, const Path& path, std::vector<bool>& ordered) {
    const Value direction = Part(entry, v1::AggregateOrder::kDirectionFieldNumber);
    const Value nulls = Part(entry, v1::AggregateOrder::kNullsFieldNumber);
    plan::CheckEnumKnown(direction, Path(path, direction.field->name()), violations_);
    plan::CheckEnumKnown(nulls, Path(path, nulls.field->name()), violations_);
    plan::Aggregate::Order term;
    term.descending = direction.as_enum() == v1::DIRECTION_DESC;
    term.nulls_first = nulls.as_enum() == v1::NULLS_UNSPECIFIED
                           ? term.descending
                           : nulls.as_enum() == v1::NULLS_FIRST;
    const Value group = Part(entry, v1::AggregateOrder::kGroupFieldNumber);
    if (entry.GetReflection()->HasField(entry, group.field)) {
      term.index = static_cast<int>(group.as_int());
      if (term.index < 0 || term.index >= group_by_.keys()) {
        return violations_.Add(Path(path, group.field->name()),
                               absl::StrCat("must be the place of an entry of group_by, which has ",
                                            group_by_.keys(), "; the first is 0"));
      }
      ordered[static_cast<std::size_t>(term.index)] = true;
    } else {
      term.by_measure = true;
      term.index = measures_.TakeNamed(Part(entry, v1::AggregateOrder::kMeasureFieldNumber), path);
      if (term.index < 0) return;
    }
    query_.order.push_back(term);
  }

  void TakeLimit() {
    const Value limit = Part(*call_.request, number::kAggregateLimit);
    const std::int64_t asked = limit.as_int();
    const Path root;
    if (asked < 0) violations_.Add(Path(root, limit.field->name()), "must not be negative");
    call_.page_size = asked == 0 ? limits_.page_size_default
                                 : std::min<std::int64_t>(asked, limits_.page_size_max);
    // One more tells whether there are more.
    query_.rows_max = RowsMax(call_.page_size);
    query_.limit = call_.Add(plan::IntegerValue{call_.page_size + 1});
  }

  const RequestLimits& limits_;
  const WantedRows& wanted_;
  const Filters& filters_;
  plan::Call& call_;
  plan::Aggregate& query_;
  Violations& violations_;
  GroupByWalk group_by_;
  MeasureWalk measures_;
};

class Aggregate final : public StandardMethod {
 public:
  Aggregate(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        context_(context),
        wanted_(method, context, number::kAggregateSearch),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, Violations& violations) const override {
    plan::Aggregate query;
    query.table = &table_;
    AggregateWalk(context_, wanted_, call, query, violations).Take();
    if (!violations.empty()) return;
    if (!plan::LongValuesSize(query).empty()) query.bytes_max = FetchedBytesMax(context_.limits);
    call.plan = plans_.FindOrMake(std::move(query), {.form = plan::ReplyForm::kGroups});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  const schema::Table& table_;
  const MethodContext context_;
  const WantedRows wanted_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeAggregate(const schema::Method& method,
                                              const MethodContext& context) {
  return std::make_unique<Aggregate>(method, context);
}

}  // namespace tenantry::methods
