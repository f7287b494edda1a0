// Get: one row by its key, deleted or not.

#include <utility>

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Get final : public StandardMethod {
 public:
  Get(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        key_(table_, *method.descriptor->input_type()),
        select_(method, schema::field_number::kSelect, context),
        plan_(Plan(method)),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    call.plan = select_.IsIn(*call.request) ? Selected(call, violations) : plan_;
  }

 private:
  static plan::Read RowByKey(const schema::Table& table) {
    plan::Read read;
    read.table = &table;
    read.deleted = plan::Deleted::kShown;
    read.where = KeyIs(table, 1);
    return read;
  }

  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    plan::Read read = RowByKey(*method.table);
    read.columns = method.table->readable();
    return plan::MakePlan(method, read, {.form = plan::ReplyForm::kRow, .brief = true});
  }

  std::shared_ptr<const plan::Plan> Selected(plan::Call& call, plan::Violations& violations) const {
    plan::Read read = RowByKey(table_);
    select_.Take(call, 1, read, violations);
    if (!violations.empty()) return nullptr;
    const bool brief = read.children.empty();
    return plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kRow, .brief = brief});
  }

  const schema::Table& table_;
  const KeyFields key_;
  const Select select_;
  const std::shared_ptr<const plan::Plan> plan_;  // of all columns
  const plan::MethodPlans plans_;                 // of what requests select
};

}  // namespace

std::unique_ptr<StandardMethod> MakeGet(const schema::Method& method,
                                        const MethodContext& context) {
  return std::make_unique<Get>(method, context);
}

}  // namespace tenantry::methods
