// Delete: removes one row by its key, or marks it where the table has soft delete.

#include "server/methods/key.h"
#include "server/methods/require.h"
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
        require_(method, context),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(table_.delete_time == nullptr
                  ? plan::MakePlan(method, Removing(), {.form = plan::ReplyForm::kEmpty})
                  : plan::MakePlan(method, Marking(), {.form = plan::ReplyForm::kRow})) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    const bool plain = !require_.IsIn(*call.request) && !select_.IsIn(*call.request);
    call.plan = plain ? plan_ : PlanOf(call, violations);
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

  std::shared_ptr<const plan::Plan> PlanOf(plan::Call& call, plan::Violations& violations) const {
    if (table_.delete_time == nullptr) {
      plan::Delete statement = Removing();
      require_.Take(call, statement, violations);
      if (!violations.empty()) return nullptr;
      return plans_.FindOrMake(std::move(statement), {.form = plan::ReplyForm::kEmpty});
    }
    plan::Update update = Marking();
    require_.Take(call, update, violations);
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const KeyFields key_;
  const Require require_;
  const Select select_;  // only where the row stays do requests have one
  const plan::MethodPlans plans_;
  const std::shared_ptr<const plan::Plan> plan_;  // of requests with a key alone
};

}  // namespace

std::unique_ptr<StandardMethod> MakeDelete(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Delete>(method, context);
}

}  // namespace tenantry::methods
