#include "server/plan/query_key.h"

namespace tenantry::plan {
namespace {

// Lists begin with their length, and everything else has a fixed number of parts: that is what
// makes keys unambiguous.
class KeyWriter {
 public:
  explicit KeyWriter(std::string& key) : key_(key) {}

  void Number(int number) { AppendKeyNumber(number, key_); }
  template <typename Enum>
  void Choice(Enum value) {
    Number(static_cast<int>(value));
  }
  // Those of no table have no number. What has one in its place tells its type too.
  void Column(const schema::Column* column) {
    Number(column == nullptr || column->field == nullptr ? 0 : column->number());
  }

  template <typename List, typename Each>
  void ForEach(const List& list, Each each) {
    Number(static_cast<int>(list.size()));
    for (const auto& item : list) each(item);
  }
  void Columns(const plan::Columns& columns) {
    ForEach(columns, [this](const schema::Column* column) { Column(column); });
  }
  // The tenant's slot stands for none: nothing else has it.
  void OptionalSlot(std::optional<Slot> slot) { Number(slot.value_or(kTenantSlot).index); }
  void Slots(const std::vector<Slot>& slots) {
    ForEach(slots, [this](Slot slot) { Number(slot.index); });
  }

  void Condition(const Expr& expr) {
    Choice(expr.kind);
    switch (expr.kind) {
      case Expr::Kind::kCompare:
      case Expr::Kind::kCompareLength:
        Choice(expr.comparison);
        Column(expr.column);
        return Number(expr.slot.index);
      case Expr::Kind::kCompareMember:
        Choice(expr.comparison);
        Column(expr.column);
        Number(expr.path.index);
        return Number(expr.slot.index);
      case Expr::Kind::kHasMember:
        Column(expr.column);
        return Number(expr.path.index);
      case Expr::Kind::kSearch:
        return Number(expr.slot.index);
      case Expr::Kind::kIsNull:
      case Expr::Kind::kIsEmpty:
        return Column(expr.column);
      case Expr::Kind::kAnd:
      case Expr::Kind::kOr:
      case Expr::Kind::kNot:
      case Expr::Kind::kIsNotTrue:
        return Where(expr.operands);
      case Expr::Kind::kExists:
        Number(expr.relation->number);
        return Where(expr.operands);
    }
  }
  void Where(const std::vector<Expr>& where) {
    ForEach(where, [this](const Expr& expr) { Condition(expr); });
  }

  void Assignments(const std::vector<Assignment>& assignments) {
    ForEach(assignments, [this](const Assignment& assignment) {
      Column(assignment.column);
      Choice(assignment.source);
      Number(assignment.slot.index);
      OptionalSlot(assignment.chosen);
      OptionalSlot(assignment.increase);
    });
  }

  void Batch(const std::optional<Entries>& entries) {
    Slots(entries.has_value() ? entries->key : std::vector<Slot>());
  }

  void Refused(std::optional<NoRow> refused) {
    Number(refused.has_value() ? 1 + static_cast<int>(*refused) : 0);
  }

  void Children(const std::vector<Child>& children) {
    ForEach(children, [this](const Child& child) {
      Number(child.relation->number);
      (*this)(child.read);
      Measures(child.measures);
    });
  }

  void Measures(const std::vector<Measure>& measures) {
    ForEach(measures, [this](const Measure& measure) {
      Choice(measure.function);
      Column(measure.column);
      Where(measure.where);
    });
  }

  void Walk(const Read& read) {
    Where(read.where);
    Choice(read.deleted);
    Slots(read.lookup);
    ForEach(read.order, [this](const OrderTerm& term) {
      ForEach(term.path, [this](const schema::Relation* relation) { Number(relation->number); });
      // Nothing else has no column.
      Column(term.column);
      if (term.search != nullptr) Number(term.text.index);
      Number(term.descending);
      Number(term.nulls_first);
    });
  }

  void operator()(const Read& read) {
    Walk(read);
    Columns(read.columns);
    Children(read.children);
    Number(read.bytes_max.has_value());  // whose value is the same for all reads of a server
    Number(read.page.has_value());
    if (!read.page.has_value()) return;
    Number(read.page->rows_max);
    Number(read.page->limit.index);
    OptionalSlot(read.page->skip);
    ForEach(read.page->after, [this](std::optional<Slot> slot) { OptionalSlot(slot); });
    Number(read.page->including);
    Number(read.page->positions);
  }
  void operator()(const Insert& insert) {
    Assignments(insert.values);
    Refused(insert.refused);
    Number(insert.many);
    Columns(insert.returning);
    Children(insert.children);
    Number(insert.on_conflict.has_value());
    if (!insert.on_conflict.has_value()) return;
    Columns(insert.on_conflict->key);
    Number(insert.on_conflict->partial);
    Assignments(insert.on_conflict->updates);
  }
  void operator()(const Update& update) {
    Assignments(update.values);
    Where(update.where);
    Where(update.require);
    Choice(update.deleted);
    Batch(update.entries);
    OptionalSlot(update.etag);
    Number(update.restores);
    OptionalSlot(update.at_most);
    Columns(update.returning);
    Children(update.children);
    Refused(update.refused);
  }
  void operator()(const Count& count) {
    Where(count.where);
    Choice(count.deleted);
    Number(count.estimated);
  }
  void operator()(const Delete& statement) {
    Where(statement.where);
    Where(statement.require);
    Batch(statement.entries);
    OptionalSlot(statement.etag);
    OptionalSlot(statement.at_most);
    Columns(statement.returning);
    Refused(statement.refused);
  }
  // Functions have one plan each.
  void operator()(const Invoke& invoke) {
    Columns(invoke.returning);
    ForEach(invoke.arguments,
            [this](const Invoke::Argument& argument) { Number(argument.slot.index); });
  }
  void operator()(const Aggregate& aggregate) {
    Where(aggregate.where);
    Choice(aggregate.deleted);
    Keys(aggregate.grouping);
    Measures(aggregate.measures);
    ForEach(aggregate.having, [this](const Aggregate::Having& having) {
      Number(having.measure);
      Condition(having.condition);
    });
    ForEach(aggregate.order, [this](const Aggregate::Order& order) {
      Number(order.by_measure);
      Number(order.index);
      Number(order.descending);
      Number(order.nulls_first);
    });
    Number(aggregate.rows_max);
    Number(aggregate.limit.index);
    Number(aggregate.bytes_max.has_value());
  }

 private:
  void Keys(const Grouping& grouping) {
    ForEach(grouping.keys, [this](const GroupKey& key) {
      Column(key.column);
      Number(key.position);
      Number(key.unit.has_value() ? 1 + static_cast<int>(*key.unit) : 0);
      Number(key.zone.has_value() ? key.zone->index : 0);
    });
    ForEach(grouping.children, [this](const Grouping::Child& child) {
      Number(child.relation->number);
      Keys(child.row);
    });
  }

  std::string& key_;
};

}  // namespace

void AppendKeyNumber(int number, std::string& key) {
  while (number >= 0x80) {
    key.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  key.push_back(static_cast<char>(number));
}

void AppendKey(const Query& query, std::string& key) {
  KeyWriter writer(key);
  writer.Number(static_cast<int>(query.index()));
  std::visit(writer, query);
}

void AppendWalkKey(const Read& read, std::string& key) { KeyWriter(key).Walk(read); }

}  // namespace tenantry::plan
