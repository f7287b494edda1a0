#include "server/methods/order.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/methods/relation_depth.h"
#include "server/schema/methods.h"
#include "tenantry/v1/query.pb.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::OrderTerm;
using plan::Path;
using plan::Value;
namespace number = schema::field_number;

bool SameValue(const OrderTerm& one, const OrderTerm& other) {
  return one.column == other.column && one.path == other.path;
}

// Walks the entries of one list of orders.
class OrderWalk {
 public:
  OrderWalk(const schema::Table& table, const RequestLimits& limits,
            const std::optional<OrderTerm>& rank, std::vector<OrderTerm>& order,
            plan::Violations& violations)
      : table_(table), limits_(limits), rank_(rank), order_(order), violations_(violations) {}

  void Entry(const Message& entry, const Path& path) { Entry(entry, path, table_, {}); }
  void BestMatchFirst() {
    if (rank_.has_value()) order_.push_back(*rank_);
  }

  // What of the key is not there yet, in the direction of what is: an index on both serves then.
  void Key() {
    const bool descending = !order_.empty() && order_.back().descending;
    for (const schema::Column* column : table_.primary_key) {
      OrderTerm term = TermOf(*column, descending, {});
      if (!IsThere(term)) order_.push_back(std::move(term));
    }
  }

 private:
  using Relations = std::vector<const schema::Relation*>;

  void Entry(const Message& entry, const Path& path, const schema::Table& table, Relations way) {
    std::vector<const FieldDescriptor*> set;
    entry.GetReflection()->ListFields(entry, &set);
    const FieldDescriptor* relation = nullptr;
    for (const FieldDescriptor* field : set) {
      if (field->number() == number::kOrderRank) {
        return Rank(set.size() == 1, Path(path, field->name()), way);
      }
      if (field->message_type() == nullptr) continue;
      if (set.size() == 1) {
        relation = field;
      } else {
        violations_.Add(Path(path, field->name()),
                        absl::StrCat("must be alone in its entry: what it is ordered by, and in "
                                     "which direction, is said within it"));
        return;
      }
    }
    if (relation == nullptr) return Column(entry, path, table, way);
    Relation(entry, *relation, path, table, std::move(way));
  }

  void Rank(bool alone, const Path& path, const Relations& way) {
    if (!rank_.has_value() || !way.empty()) {
      violations_.Add(path, "is that of a `search`, and there is none of these rows");
    } else if (!alone) {
      violations_.Add(path, "must be alone in its entry: the best match is first");
    } else {
      Add(*rank_, v1::NULLS_UNSPECIFIED, path);
    }
  }

  void Relation(const Message& entry, const FieldDescriptor& field, const Path& path,
                const schema::Table& table, Relations way) {
    const Path below(path, field.name());
    if (IsTooDeep(way.size() + 1, limits_, below, violations_)) return;
    const schema::Relation& relation = *table.FindRelationByNumber(field.number());
    way.push_back(&relation);
    Entry(entry.GetReflection()->GetMessage(entry, &field), below, *relation.target,
          std::move(way));
  }

  void Column(const Message& entry, const Path& path, const schema::Table& table,
              const Relations& way) {
    const Value by = Choice(entry, number::kOrderField, path);
    const Value direction = Choice(entry, number::kOrderDirection, path);
    const Value nulls = Choice(entry, number::kOrderNulls, path);
    const bool descending = direction.as_enum() == v1::DIRECTION_DESC;
    if (by.as_enum() == 0) {
      for (const schema::Column* column : table.primary_key) {
        Add(TermOf(*column, descending, way), nulls.as_enum(), path);
      }
    } else if (const auto* column = table.FindColumnByNumber(by.as_enum())) {
      Add(TermOf(*column, descending, way), nulls.as_enum(), Path(path, by.field->name()));
    }
  }

  Value Choice(const Message& entry, int number, const Path& path) {
    const Value value{&entry, entry.GetDescriptor()->FindFieldByNumber(number)};
    CheckEnumKnown(value, Path(path, value.field->name()), violations_);
    return value;
  }

  // With NULLs where the database has them by default.
  static OrderTerm TermOf(const schema::Column& column, bool descending, Relations way) {
    return {&column, descending, descending, std::move(way)};
  }

  bool IsThere(const OrderTerm& term) const {
    return absl::c_any_of(order_, [&](const OrderTerm& other) { return SameValue(other, term); });
  }

  void Add(OrderTerm term, int nulls, const Path& path) {
    if (term.may_be_null() && nulls != v1::NULLS_UNSPECIFIED) {
      term.nulls_first = nulls == v1::NULLS_FIRST;
    }
    if (IsThere(term)) {
      violations_.Add(path, "is there already, in an entry before this one: leave one of them out");
    } else {
      order_.push_back(std::move(term));
    }
  }

  const schema::Table& table_;
  const RequestLimits& limits_;
  const std::optional<OrderTerm>& rank_;
  std::vector<OrderTerm>& order_;
  plan::Violations& violations_;
};

}  // namespace

void TakeOrder(const schema::Table& table, const Message& holder, const FieldDescriptor& field,
               const Path& path, const RequestLimits& limits, const std::optional<OrderTerm>& rank,
               std::vector<OrderTerm>& order, plan::Violations& violations) {
  OrderWalk walk(table, limits, rank, order, violations);
  const int entries = holder.GetReflection()->FieldSize(holder, &field);
  if (entries > limits.order_entries_max) {
    violations.Add(Path(path, field.name()),
                   absl::StrCat("has ", entries, " entries; at most ", limits.order_entries_max,
                                " are possible (order-entries-max)"));
    return;
  }
  for (int i = 0; i < entries; ++i) {
    walk.Entry(holder.GetReflection()->GetRepeatedMessage(holder, &field, i),
               Path(path, field.name(), i));
  }
  if (entries == 0) walk.BestMatchFirst();
  walk.Key();
}

void TurnRound(std::vector<OrderTerm>& order) {
  for (OrderTerm& term : order) {
    term.descending = !term.descending;
    term.nulls_first = !term.nulls_first;
  }
}

}  // namespace tenantry::methods
