// Delete: removes one row by its key, or marks it where the table has soft delete.

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Delete final : public StandardMethod {
 public:
  Delete(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        key_(table_, *method.descriptor->input_type()),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(table_.delete_time == nullptr
                  ? plan::MakePlan(method, Removing(), {.form = plan::ReplyForm::kEmpty})
                  : plan::MakePlan(method, Marking(), {.form = plan::ReplyForm::kRow})) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    call.plan = select_.IsIn(*call.request) ? Selecting(call, violations) : plan_;
  }

 private:
  plan::Delete Removing() const {
    plan::Delete statement;
    statement.table = &table_;
    statement.where = KeyIs(table_, 1);
    return statement;
  }

  plan::Update Marking() const {
    plan::Update update;
    update.table = &table_;
    update.values = {{table_.delete_time, plan::Assignment::Source::kNow, {}}};
    AppendUpdateTime(table_, update.values);
    update.where = KeyIs(table_, 1);
    update.returning = table_.readable();
    return update;
  }

  // Only where the row stays does the request have a select.
  std::shared_ptr<const plan::Plan> Selecting(plan::Call& call,
                                              plan::Violations& violations) const {
    plan::Update update = Marking();
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const KeyFields key_;
  const Select select_;
  const plan::MethodPlans plans_;
  const std::shared_ptr<const plan::Plan> plan_;  // of requests that select nothing
};

}  // namespace

std::unique_ptr<StandardMethod> MakeDelete(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Delete>(method, context);
}

}  // namespace tenantry::methods
