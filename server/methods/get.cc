// Get: one row by its key, deleted or not.

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"

namespace tenantry::methods {
namespace {

class Get final : public StandardMethod {
 public:
  explicit Get(const schema::Method& method)
      : key_(*method.table, *method.descriptor->input_type()), plan_(Plan(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    key_.Check(*call.request, plan::Path(), violations);
    key_.Add(*call.request, call);
    call.plan = plan_;
  }

 private:
  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    plan::Read read;
    read.table = method.table;
    read.columns = method.table->readable();
    read.deleted = plan::Deleted::kShown;
    read.where = KeyIs(*method.table, 1);
    return plan::MakePlan(method, read, {.form = plan::ReplyForm::kRow, .brief = true});
  }

  const KeyFields key_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeGet(const schema::Method& method, const MethodContext&) {
  return std::make_unique<Get>(method);
}

}  // namespace tenantry::methods
