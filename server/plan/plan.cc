#include "server/plan/plan.h"

#include <algorithm>
#include <utility>

#include "server/plan/print.h"
#include "server/plan/row_size.h"

namespace tenantry::plan {
namespace {

std::vector<int> PositionsOf(const Read& read, Plan& plan) {
  std::vector<int> positions;
  for (const OrderTerm& term : read.order) {
    const bool apart = NeedsPositionCell(term, read.columns);
    const auto column = std::find(read.columns.begin(), read.columns.end(), term.column);
    positions.push_back(apart ? plan.cells++ : static_cast<int>(column - read.columns.begin()));
  }
  return positions;
}

Outputs Tree(const schema::Table& table, const Columns& columns,
             const std::vector<Child>& children) {
  Outputs outputs{&table, columns, {}, static_cast<int>(columns.size())};
  for (const Child& child : children) {
    Outputs row = Tree(*child.read.table, child.read.columns, child.read.children);
    outputs.cells += child.relation->many ? 1 : 1 + row.cells;
    outputs.children.push_back({child.relation, std::move(row)});
  }
  return outputs;
}

struct OutputsOf {
  Outputs operator()(const Read& read) const {
    return Tree(*read.table, read.columns, read.children);
  }
  Outputs operator()(const Count& count) const { return Tree(*count.table, {}, {}); }
  Outputs operator()(const Delete& statement) const {
    return Tree(*statement.table, statement.returning, {});
  }
  Outputs operator()(const Aggregate& aggregate) const { return Of(aggregate.grouping); }
  template <typename Write>
  Outputs operator()(const Write& write) const {
    return Tree(*write.table, write.returning, write.children);
  }

 private:
  static Outputs Of(const Grouping& grouping) {
    Outputs outputs = Tree(*grouping.table, {}, {});
    for (const GroupKey& key : grouping.keys) outputs.columns.push_back(key.column);
    outputs.cells = static_cast<int>(outputs.columns.size());
    for (const Grouping::Child& child : grouping.children) {
      Outputs row = Of(child.row);
      outputs.cells += 1 + row.cells;
      outputs.children.push_back({child.relation, std::move(row)});
    }
    return outputs;
  }
};

}  // namespace

std::shared_ptr<const Plan> MakePlan(const schema::Method& method, const Query& query,
                                     Reply reply) {
  auto plan = std::make_shared<Plan>();
  plan->text = Print(query);
  plan->method = &method;
  plan->reply = reply;
  plan->outputs = std::visit(OutputsOf(), query);
  plan->cells = plan->outputs.cells;
  plan->row_growth = RowGrowth(*method.table);
  if (const auto* read = std::get_if<Read>(&query)) {
    if (read->page.has_value() && read->page->positions) {
      plan->positions = PositionsOf(*read, *plan);
    }
    plan->bounded = read->bytes_max.has_value();
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&query)) {
    for (const Measure& measure : aggregate->measures) {
      plan->measures.push_back({ResultOf(measure), measure.column});
    }
    plan->cells += static_cast<int>(aggregate->measures.size());
    plan->bounded = aggregate->bytes_max.has_value();
  }
  return plan;
}

}  // namespace tenantry::plan
