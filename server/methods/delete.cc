// Delete: removes one row by its key, or marks it where the table has soft delete.

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"

namespace tenantry::methods {
namespace {

class Delete final : public StandardMethod {
 public:
  explicit Delete(const schema::Method& method)
      : key_(*method.table, *method.descriptor->input_type()),
        plan_(method.table->delete_time == nullptr ? Removing(method) : Marking(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    call.plan = plan_;
  }

 private:
  static std::shared_ptr<const plan::Plan> Removing(const schema::Method& method) {
    plan::Delete statement;
    statement.table = method.table;
    statement.where = KeyIs(*method.table, 1);
    return plan::MakePlan(method, statement, {.form = plan::ReplyForm::kEmpty});
  }

  static std::shared_ptr<const plan::Plan> Marking(const schema::Method& method) {
    plan::Update update;
    update.table = method.table;
    update.values = {{method.table->delete_time, plan::Assignment::Source::kNow, {}}};
    AppendUpdateTime(*method.table, update.values);
    update.where = KeyIs(*method.table, 1);
    update.returning = method.table->readable();
    return plan::MakePlan(method, update, {.form = plan::ReplyForm::kRow});
  }

  const KeyFields key_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeDelete(const schema::Method& method, const MethodContext&) {
  return std::make_unique<Delete>(method);
}

}  // namespace tenantry::methods
