#include "server/plan/plan.h"

#include <algorithm>
#include <utility>

#include "server/plan/page_token.h"
#include "server/plan/print.h"
#include "server/plan/query_key.h"
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

std::vector<MeasureOutput> Measured(const std::vector<Measure>& measures, std::size_t& names) {
  std::vector<MeasureOutput> outputs;
  for (const Measure& measure : measures) {
    outputs.push_back({ResultOf(measure), measure.column, names++});
  }
  return outputs;
}

// `names` counts the measures of the whole tree.
Outputs Tree(const schema::Table& table, const Columns& columns, const std::vector<Child>& children,
             std::size_t& names) {
  Outputs outputs{&table, columns, {}, static_cast<int>(columns.size())};
  for (const Child& child : children) {
    Outputs row = Tree(*child.read.table, child.read.columns, child.read.children, names);
    outputs.cells += child.relation->many ? 1 : 1 + row.cells;
    outputs.children.push_back({child.relation, std::move(row), Measured(child.measures, names)});
  }
  return outputs;
}

Outputs Tree(const schema::Table& table, const Columns& columns,
             const std::vector<Child>& children) {
  std::size_t names = 0;
  return Tree(table, columns, children, names);
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
  Outputs operator()(const Invoke& invoke) const {
    return Tree(*invoke.table, invoke.returning, {});
  }
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
      outputs.children.push_back({child.relation, std::move(row), {}});
    }
    return outputs;
  }
};

void AppendLayout(const Outputs& outputs, std::string& key) {
  for (const schema::Column* column : outputs.columns) {
    AppendKeyNumber(column->number(), key);
    AppendKeyNumber(static_cast<int>(column->type), key);
  }
  for (const Outputs::Child& child : outputs.children) {
    AppendKeyNumber(0, key);
    AppendKeyNumber(child.relation->number, key);
    AppendLayout(child.row, key);
    for (const MeasureOutput& measure : child.measures) {
      AppendKeyNumber(1 + static_cast<int>(measure.type), key);
    }
  }
  AppendKeyNumber(0, key);
}

}  // namespace

std::shared_ptr<const Plan> MakePlan(const schema::Method& method, Query wanted, Reply reply,
                                     const Ending& ending) {
  auto plan = std::make_shared<Plan>();
  plan->query = std::move(wanted);
  const Query& query = plan->query;
  plan->text = Print(query, ending);
  plan->method = &method;
  plan->reply = reply;
  plan->outputs = std::visit(OutputsOf(), query);
  if (const auto* insert = std::get_if<Insert>(&query)) {
    plan->inserts = !insert->on_conflict.has_value();
  }
  plan->cells = plan->outputs.cells;
  plan->row_growth = RowGrowth(*plan->outputs.table);
  if (const auto* read = std::get_if<Read>(&query)) {
    if (read->page.has_value() && read->page->positions) {
      plan->positions = PositionsOf(*read, *plan);
    }
    plan->bounded = read->bytes_max.has_value();
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&query)) {
    std::size_t names = 0;
    plan->measures = Measured(aggregate->measures, names);
    plan->cells += static_cast<int>(aggregate->measures.size());
    plan->bounded = aggregate->bytes_max.has_value();
  }
  return plan;
}

std::shared_ptr<const Plan> EndedPlans::FindOrMake(const Plan& of, const Ending& ending) const {
  const std::size_t which =
      2 * std::size_t{ending.refused.has_value()} + std::size_t{ending.keep.has_value()};
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<const Plan>& plan = plans_[which];
  if (plan == nullptr) plan = MakePlan(*of.method, of.query, of.reply, ending);
  return plan;
}

std::optional<NoRow> MeaningOfNoRow(const Plan& plan) {
  if (std::holds_alternative<Invoke>(plan.query)) return std::nullopt;  // it refuses by itself
  if (plan.reply.form != ReplyForm::kRow && plan.reply.form != ReplyForm::kEmpty) {
    return std::nullopt;
  }
  const auto* insert = std::get_if<Insert>(&plan.query);
  if (insert != nullptr && !insert->on_conflict.has_value()) return std::nullopt;
  return plan.reply.no_row;
}

std::int64_t LayoutOf(const Plan& plan) {
  std::string key;
  AppendLayout(plan.outputs, key);
  return static_cast<std::int64_t>(StableHash(key));
}

}  // namespace tenantry::plan
