// Undelete: takes back that a row is marked as deleted (AIP-164).

#include "server/methods/key.h"
#include "server/methods/require.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Undelete final : public StandardMethod {
 public:
  Undelete(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        key_(table_, *method.descriptor->input_type()),
        require_(method, context),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(plan::MakePlan(method, Restoring(), {.form = plan::ReplyForm::kRow})) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    const bool plain = !require_.IsIn(*call.request) && !select_.IsIn(*call.request);
    call.plan = plain ? plan_ : PlanOf(call, violations);
  }

 private:
  plan::Update Restoring() const {
    plan::Update update;
    update.table = &table_;
    update.values = {{table_.delete_time, plan::Assignment::Source::kDefault, {}}};
    AppendUpdateTime(table_, update.values);
    update.where = KeyIs(table_, 1);
    update.deleted = plan::Deleted::kShown;
    update.restores = true;
    update.returning = table_.readable();
    return update;
  }

  std::shared_ptr<const plan::Plan> PlanOf(plan::Call& call, plan::Violations& violations) const {
    plan::Update update = Restoring();
    require_.Take(call, update, violations);
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const KeyFields key_;
  const Require require_;
  const Select select_;
  const plan::MethodPlans plans_;
  const std::shared_ptr<const plan::Plan> plan_;  // of requests with a key alone
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUndelete(const schema::Method& method,
                                             const MethodContext& context) {
  return std::make_unique<Undelete>(method, context);
}

}  // namespace tenantry::methods
