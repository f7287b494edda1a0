#include "server/methods/filter.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/methods/operators.h"
#include "server/plan/page_token.h"
#include "server/schema/derive_filter.h"
#include "server/schema/filter_number.h"

namespace tenantry::methods {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Expr;
using plan::Path;
namespace number = schema::filter_number;

// The filter of one table: what its message's fields are about. By number, since page tokens depend
// on the order of conditions.
struct TableFilter {
  struct Column {
    const schema::Column* column;
    const FieldDescriptor* field;
    const Operators* operators;
    bool finds;  // may be used to find rows, whatever the setting
  };
  struct Relation {
    const schema::Relation* relation;
    const FieldDescriptor* field;
    const TableFilter* target;
    const FieldDescriptor *some, *none, *every;  // null to one
  };
  std::vector<Column> columns;
  std::vector<Relation> relations;
  const FieldDescriptor* all_of = nullptr;
  const FieldDescriptor* any_of = nullptr;
  const FieldDescriptor* none_of = nullptr;
  const schema::Table* table = nullptr;
};

namespace {

bool Has(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->HasField(message, field);
}

const Message& Get(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->GetMessage(message, field);
}

// All of them as one condition.
Expr All(std::vector<Expr> conditions) {
  if (conditions.size() == 1) return std::move(conditions[0]);
  return {.kind = Expr::Kind::kAnd, .operands = std::move(conditions)};
}

Expr Exists(const schema::Relation& relation, std::vector<Expr> conditions) {
  return {.kind = Expr::Kind::kExists, .relation = &relation, .operands = std::move(conditions)};
}

// One walk over a filter.
class FilterWalk {
 public:
  FilterWalk(FilterLimits limits, Filters::Use use, plan::Call& call, plan::Violations& violations)
      : limits_(limits),
        any_column_(limits.unindexed || use == Filters::Use::kCheck),
        call_(call),
        violations_(violations) {}

  void Take(const TableFilter& filter, const Message& message, const Path& path,
            std::vector<Expr>& where) {
    if (++depth_ > limits_.depth_max) {
      Refuse(path,
             absl::StrCat("must have at most ", limits_.depth_max, " filters within each other"));
    }
    if (!refused_) TakeColumns(filter, message, path, where);
    for (const TableFilter::Relation& relation : filter.relations) {
      if (!refused_ && Has(message, relation.field)) {
        TakeRelation(relation, Get(message, relation.field), Path(path, relation.field->name()),
                     where);
      }
    }
    if (!refused_) TakeGroups(filter, message, path, where);
    --depth_;
  }

 private:
  void TakeColumns(const TableFilter& filter, const Message& message, const Path& path,
                   std::vector<Expr>& where) {
    for (const TableFilter::Column& column : filter.columns) {
      if (!Has(message, column.field)) continue;
      const Message& operators = Get(message, column.field);
      OperatorWalk walk(call_, where, violations_);
      walk.Take(*column.column, *column.operators, operators, Path(path, column.field->name()));
      if (walk.count() == 0) continue;
      Count(walk.count(), path);
      if (!any_column_ && !column.finds) {
        RefuseColumn(*filter.table, *column.column, Path(path, column.field->name()));
      }
      Mark(operators);
    }
  }

  void TakeRelation(const TableFilter::Relation& relation, const Message& message, const Path& path,
                    std::vector<Expr>& where) {
    Count(1, path);
    if (!relation.relation->many) {
      where.push_back(Exists(*relation.relation, Within(*relation.target, message, path)));
      return;
    }
    const auto within = [&](const FieldDescriptor* field) {
      return Within(*relation.target, Get(message, field), Path(path, field->name()));
    };
    if (Has(message, relation.some)) {
      where.push_back(Exists(*relation.relation, within(relation.some)));
    }
    if (Has(message, relation.none)) {
      where.push_back(plan::Opposite(Exists(*relation.relation, within(relation.none))));
    }
    if (Has(message, relation.every)) {  // there is none of which it is not true
      std::vector<Expr> broken;
      broken.push_back(plan::Opposite(All(within(relation.every))));
      where.push_back(plan::Opposite(Exists(*relation.relation, std::move(broken))));
    }
  }

  void TakeGroups(const TableFilter& filter, const Message& message, const Path& path,
                  std::vector<Expr>& where) {
    for (Expr& entry : Entries(filter, message, filter.all_of, path)) {
      where.push_back(std::move(entry));
    }
    std::vector<Expr> any = Entries(filter, message, filter.any_of, path);
    if (!any.empty()) where.push_back({.kind = Expr::Kind::kOr, .operands = std::move(any)});
    for (Expr& entry : Entries(filter, message, filter.none_of, path)) {
      where.push_back(plan::Opposite(std::move(entry)));
    }
  }

  std::vector<Expr> Entries(const TableFilter& filter, const Message& message,
                            const FieldDescriptor* field, const Path& path) {
    std::vector<Expr> entries;
    const auto* reflection = message.GetReflection();
    for (int i = 0, n = reflection->FieldSize(message, field); i < n && !refused_; ++i) {
      const Path entry(path, field->name(), i);
      Count(1, entry);
      entries.push_back(
          All(Within(filter, reflection->GetRepeatedMessage(message, field, i), entry)));
    }
    return entries;
  }

  std::vector<Expr> Within(const TableFilter& filter, const Message& message, const Path& path) {
    std::vector<Expr> conditions;
    Take(filter, message, path, conditions);
    return conditions;
  }

  // What the conditions compare with tells one list from another. Their structure is in the key of
  // the query, which is part of the fingerprint too.
  void Mark(const Message& operators) {
    bytes_.resize(operators.ByteSizeLong());
    {
      google::protobuf::io::ArrayOutputStream stream(bytes_.data(),
                                                     static_cast<int>(bytes_.size()));
      google::protobuf::io::CodedOutputStream out(&stream);
      out.SetSerializationDeterministic(true);
      operators.SerializeWithCachedSizes(&out);
    }
    call_.fingerprint = plan::StableHash(bytes_, call_.fingerprint);
  }

  void Count(int conditions, const Path& path) {
    count_ += conditions;
    if (count_ > limits_.conditions_max) {
      Refuse(path, absl::StrCat("must have at most ", limits_.conditions_max,
                                " conditions in all: operators, relations, and entries of all_of, "
                                "any_of and none_of"));
    }
  }

  void RefuseColumn(const schema::Table& table, const schema::Column& column, const Path& path) {
    violations_.Add(
        path, absl::StrCat("cannot be filtered on at this server (unindexed-filters): no index of ",
                           table.name, " begins with ", column.name,
                           ". Give the schema an index on it, or say `filterable: true`"));
  }

  void Refuse(const Path& path, std::string why) {
    if (!std::exchange(refused_, true)) violations_.Add(path, std::move(why));
  }

  const FilterLimits limits_;
  const bool any_column_;
  plan::Call& call_;
  plan::Violations& violations_;
  std::string bytes_;
  int depth_ = 0;
  int count_ = 0;
  bool refused_ = false;  // a limit is exceeded: nothing more is looked at
};

TableFilter Compile(const schema::Table& table, const Descriptor& message,
                    absl::FunctionRef<const TableFilter*(const schema::Table&)> filter_of,
                    OperatorSets& operators) {
  TableFilter filter;
  filter.table = &table;
  for (const schema::Column* column : table.comparable()) {
    const FieldDescriptor* field = message.FindFieldByNumber(column->number());
    filter.columns.push_back({column, field, &operators.Of(*field->message_type()),
                              column->filterable || table.HasIndexOn(*column)});
  }
  std::sort(filter.columns.begin(), filter.columns.end(),
            [](const auto& a, const auto& b) { return a.field->number() < b.field->number(); });
  for (const schema::Relation& relation : table.relations) {
    const FieldDescriptor* field = message.FindFieldByNumber(relation.number);
    if (field == nullptr) continue;  // to a table that no method reads
    const auto part = [&](int number) {
      return relation.many ? field->message_type()->FindFieldByNumber(number) : nullptr;
    };
    filter.relations.push_back({&relation, field, filter_of(*relation.target), part(number::kSome),
                                part(number::kNone), part(number::kEvery)});
  }
  std::sort(filter.relations.begin(), filter.relations.end(),
            [](const auto& a, const auto& b) { return a.field->number() < b.field->number(); });
  filter.all_of = message.FindFieldByNumber(number::kAllOf);
  filter.any_of = message.FindFieldByNumber(number::kAnyOf);
  filter.none_of = message.FindFieldByNumber(number::kNoneOf);
  return filter;
}

}  // namespace

struct Filters::Compiled {
  OperatorSets operators;
  std::unordered_map<const schema::Table*, TableFilter> tables;
};

Filters::Filters(const schema::Schema& schema, FilterLimits limits)
    : limits_(limits), compiled_(std::make_unique<Compiled>()) {
  const auto place_of = [this](const schema::Table& table) { return &compiled_->tables[&table]; };
  for (const schema::Table& table : schema.tables()) {
    const Descriptor* message = schema.api().FindMessageTypeByName(
        absl::StrCat(schema.api_package(), ".", schema::FilterName(table)));
    if (message == nullptr) continue;  // of a table that no method reads
    *place_of(table) = Compile(table, *message, place_of, compiled_->operators);
  }
  const Descriptor* measures = schema.api().FindMessageTypeByName("tenantry.v1.MeasureFilter");
  if (measures == nullptr) return;  // no table has an Aggregate
  for (int i = 0; i < measures->field_count(); ++i) {
    const Descriptor* filter = measures->field(i)->message_type();
    if (filter != nullptr) compiled_->operators.Of(*filter);
  }
}

Filters::~Filters() = default;

void Filters::Take(const schema::Table& table, const Message& filter, const Path& path,
                   plan::Call& call, std::vector<Expr>& where, plan::Violations& violations,
                   Use use) const {
  FilterWalk(limits_, use, call, violations)
      .Take(compiled_->tables.at(&table), filter, path, where);
}

void Filters::TakeOperators(const schema::Column& type, const Message& operators, const Path& path,
                            plan::Call& call, std::vector<Expr>& where,
                            plan::Violations& violations) const {
  OperatorWalk(call, where, violations)
      .Take(type, *compiled_->operators.Find(*operators.GetDescriptor()), operators, path);
}

}  // namespace tenantry::methods
