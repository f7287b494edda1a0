#include "server/methods/select.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/methods/measures.h"
#include "server/methods/order.h"
#include "server/methods/page.h"
#include "server/methods/relation_depth.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using plan::Value;

// PostgreSQL has room for 1664 entries in the list of what a statement returns
// (MaxTupleAttributeNumber).
constexpr int kSelectedColumnsMax = 1600;

// The columns that are marked, in the table's order; all when none is.
plan::Columns Chosen(const schema::Table& table, std::vector<bool> marked) {
  if (absl::c_none_of(marked, [](bool mark) { return mark; })) return table.readable();
  for (const schema::Column* column : table.primary_key) marked[column->index] = true;
  plan::Columns columns;
  for (const schema::Column& column : table.columns) {
    if (marked[column.index]) columns.push_back(&column);
  }
  return columns;
}

// Walks one select, from the request's table down through its relations.
class SelectWalk {
 public:
  SelectWalk(plan::Call& call, const RequestLimits& limits, const Filters& filters,
             plan::Violations& violations)
      : call_(call), limits_(limits), filters_(filters), violations_(violations) {}

  // Of `rows` rows at most, `depth` relations below the request's table.
  void Take(const Message& select, const Path& path, int depth, std::int64_t rows,
            plan::Read& read) {
    rows_ += rows;
    if (rows_ > limits_.select_rows_max) {
      violations_.Add(
          path, absl::StrCat("would read up to ", rows_, " rows; at most ", limits_.select_rows_max,
                             " are possible (select-rows-max): ask for smaller pages "
                             "or limits"));
      return;
    }
    std::vector<bool> marked(read.table->columns.size(), false);
    std::vector<const FieldDescriptor*> set;
    select.GetReflection()->ListFields(select, &set);
    for (const FieldDescriptor* field : set) {
      if (const schema::Column* column = read.table->FindColumnByNumber(field->number())) {
        marked[column->index] = true;
      } else if (const auto* relation = read.table->FindRelationByNumber(field->number())) {
        TakeRelation(*relation, select.GetReflection()->GetMessage(select, field),
                     Path(path, field->name()), depth + 1, rows, read);
      } else if (field->number() == schema::field_number::kAggregates) {
        // It is the last of the fields: names of one row stand together.
        TakeAggregates(select.GetReflection()->GetMessage(select, field), Path(path, field->name()),
                       read);
      }
    }
    read.columns = Chosen(*read.table, std::move(marked));
    columns_ += static_cast<int>(read.columns.size() + read.children.size());
    if (columns_ <= kSelectedColumnsMax) return;
    violations_.Add(path, absl::StrCat("selects more than ", kSelectedColumnsMax,
                                       " columns in all: name those that are needed"));
  }

 private:
  void TakeRelation(const schema::Relation& relation, const Message& select, const Path& path,
                    int depth, std::int64_t rows, plan::Read& read) {
    if (IsTooDeep(static_cast<std::size_t>(depth), limits_, path, violations_)) return;
    plan::Child child{&relation, {}, {}};
    child.read.table = relation.target;
    if (relation.many) {
      TakeMany(select, path, depth, rows, child.read);
    } else {
      // As by Get: a row that is referred to is there, deleted or not.
      child.read.deleted = plan::Deleted::kShown;
      Take(select, path, depth, rows, child.read);
    }
    read.children.push_back(std::move(child));
  }

  // What the relations to many of the row come to.
  void TakeAggregates(const Message& aggregates, const Path& path, plan::Read& read) {
    const std::size_t first = call_.measure_names.size();
    const auto* reflection = aggregates.GetReflection();
    std::vector<const FieldDescriptor*> set;
    reflection->ListFields(aggregates, &set);
    for (const FieldDescriptor* field : set) {
      const schema::Relation* relation = read.table->FindRelationByNumber(field->number());
      plan::Child child{relation, {}, {}};
      child.read.table = relation->target;
      MeasureWalk walk(*relation->target, filters_, call_, violations_,
                       absl::StrCat(relation->name, "_"), first);
      const int entries = reflection->FieldSize(aggregates, field);
      if (AreTooMany(entries, Path(path, field->name()))) return;
      for (int i = 0; i < entries && !violations_.full(); ++i) {
        walk.Take(reflection->GetRepeatedMessage(aggregates, field, i),
                  Path(path, field->name(), i), child.measures);
      }
      columns_ += entries;
      read.children.push_back(std::move(child));
    }
  }

  bool AreTooMany(int entries, const Path& path) {
    const std::size_t all = call_.measure_names.size() + static_cast<std::size_t>(entries);
    if (all <= kMeasuresMax) return false;
    violations_.Add(path, absl::StrCat("brings the select to ", all, " entries; at most ",
                                       kMeasuresMax, " are possible"));
    return true;
  }

  void TakeMany(const Message& list, const Path& path, int depth, std::int64_t rows,
                plan::Read& read) {
    namespace number = schema::field_number;
    const auto field = [&](int n) { return list.GetDescriptor()->FindFieldByNumber(n); };
    const FieldDescriptor* show_deleted = field(number::kRelationShowDeleted);
    if (show_deleted != nullptr && Value{&list, show_deleted}.as_bool()) {
      read.deleted = plan::Deleted::kShown;
    }
    const FieldDescriptor* filter = field(number::kRelationFilter);
    if (list.GetReflection()->HasField(list, filter)) {
      filters_.Take(*read.table, list.GetReflection()->GetMessage(list, filter),
                    Path(path, filter->name()), call_, read.where, violations_,
                    Filters::Use::kCheck);
    }
    const std::int64_t limit = Limit(list, field(number::kRelationLimit), path);
    TakeOrder(*read.table, list, *field(number::kRelationOrderBy), path, limits_, std::nullopt,
              read.order, violations_);
    const std::int64_t skip = SkipOf(list, *field(number::kRelationSkip), path, violations_);
    read.page = plan::Page{.rows_max = RowsMax(limit),
                           .limit = call_.Add(plan::IntegerValue{limit}),
                           .skip = AddSkip(skip, call_),
                           .after = {}};
    const FieldDescriptor* select = field(number::kRelationSelect);
    Take(list.GetReflection()->GetMessage(list, select), Path(path, select->name()), depth,
         rows * limit, read);
  }

  std::int64_t Limit(const Message& list, const FieldDescriptor* field, const Path& path) {
    const std::int64_t asked = Value{&list, field}.as_int();
    if (asked < 0) violations_.Add(Path(path, field->name()), "must not be negative");
    if (asked <= 0) return limits_.page_size_default;
    return std::min<std::int64_t>(asked, limits_.page_size_max);
  }

  plan::Call& call_;
  const RequestLimits& limits_;
  const Filters& filters_;
  plan::Violations& violations_;
  std::int64_t rows_ = 0;  // of all reads
  int columns_ = 0;
};

}  // namespace

Select::Select(const schema::Method& method, int field_number, const MethodContext& context)
    : table_(*method.table),
      field_(method.descriptor->input_type()->FindFieldByNumber(field_number)),
      limits_(context.limits),
      filters_(context.filters) {}

bool Select::IsIn(const Message& request) const {
  return field_ != nullptr && request.GetReflection()->HasField(request, field_);
}

void Select::Take(plan::Call& call, std::int64_t rows, plan::Read& read,
                  plan::Violations& violations) const {
  if (!IsIn(*call.request)) {
    read.columns = table_.readable();
    return;
  }
  const Path root;
  const std::uint64_t fingerprint = call.fingerprint;
  SelectWalk(call, limits_, filters_, violations)
      .Take(call.request->GetReflection()->GetMessage(*call.request, field_),
            Path(root, field_->name()), 0, rows, read);
  call.fingerprint = fingerprint;
}

plan::Columns Select::TakeOfBatch(plan::Call& call, plan::Violations& violations) const {
  plan::Read read;
  read.table = &table_;
  Take(call, 1, read, violations);
  const Path root;
  for (const plan::Child& child : read.children) {
    const Path select(root, field_->name());
    violations.Add(Path(select, child.relation->name),
                   "is a relation, and the answer of a batch that writes holds none: read the rows "
                   "by BatchGet");
  }
  return std::move(read.columns);
}

}  // namespace tenantry::methods
