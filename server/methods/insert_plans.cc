#include "server/methods/insert_plans.h"

#include "server/methods/resource.h"

namespace tenantry::methods {

InsertPlans::InsertPlans(const schema::Schema& schema) {
  for (const schema::Method& method : schema.methods()) {
    if (method.kind != v1::METHOD_KIND_CREATE) continue;
    auto plans = std::make_unique<Plans>();
    plans->create = &method;
    plans_.emplace(method.table, std::move(plans));
  }
}

std::shared_ptr<const plan::Plan> InsertPlans::Of(const schema::Table& table, bool many) const {
  Plans& plans = *plans_.at(&table);
  absl::call_once(plans.made, [&] {
    plan::Insert insert = InsertOf(table);
    plans.one = plan::MakePlan(*plans.create, insert, {.form = plan::ReplyForm::kRow});
    insert.many = true;
    plans.many = plan::MakePlan(*plans.create, insert, {.form = plan::ReplyForm::kRow});
  });
  return many ? plans.many : plans.one;
}

}  // namespace tenantry::methods
