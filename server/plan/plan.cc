#include "server/plan/plan.h"

#include "server/plan/print.h"
#include "server/plan/row_size.h"

namespace tenantry::plan {
namespace {

struct ResultColumns {
  Columns operator()(const Read& read) const { return read.columns; }
  Columns operator()(const Insert& insert) const { return insert.returning; }
  Columns operator()(const Update& update) const { return update.returning; }
  Columns operator()(const Delete& statement) const { return statement.returning; }
};

}  // namespace

std::shared_ptr<const Plan> MakePlan(const schema::Method& method, const Query& query,
                                     Reply reply) {
  auto plan = std::make_shared<Plan>();
  plan->text = Print(query);
  plan->method = &method;
  plan->reply = reply;
  plan->columns = std::visit(ResultColumns(), query);
  plan->row_growth = RowGrowth(*method.table);
  if (const auto* read = std::get_if<Read>(&query)) {
    plan->order = read->order;
    plan->bounded = read->bytes_max.has_value();
  }
  return plan;
}

}  // namespace tenantry::plan
