// UpdateMany: the same change of all rows that a filter finds.

#include "server/methods/changes.h"
#include "server/methods/many.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class UpdateMany final : public StandardMethod {
 public:
  UpdateMany(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        rows_(method, context),
        changes_(table_, *method.descriptor->input_type(),
                 {.resource = schema::field_number::kManyResource,
                  .update_mask = schema::field_number::kManyUpdateMask,
                  .increment = schema::field_number::kManyIncrement}),
        row_bytes_max_(context.limits.row_bytes_max),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const Changes changes = changes_.Take(*call.request, root, violations, call.json);
    if (changes.empty() && violations.empty()) changes_.RefuseEmpty(root, violations);
    plan::Update update;
    update.table = &table_;
    rows_.Take(call, update, violations);
    if (!violations.empty()) return;
    update.values = AssignmentsOf(table_, changes, call);
    update.row_bytes_max = row_bytes_max_;
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kAffected});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  const schema::Table& table_;
  const ManyRows rows_;
  const ChangeFields changes_;
  const std::size_t row_bytes_max_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUpdateMany(const schema::Method& method,
                                               const MethodContext& context) {
  return std::make_unique<UpdateMany>(method, context);
}

}  // namespace tenantry::methods
