// Create: one new row.

#include "server/methods/resource.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Create final : public StandardMethod {
 public:
  explicit Create(const schema::Method& method)
      : table_(*method.table),
        resource_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kResource)),
        plan_(Plan(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const plan::Path path(root, resource_->name());
    const google::protobuf::Message* row = Resource(*call.request, resource_, path, violations);
    if (row == nullptr) return;
    CheckInsert(table_, *row, path, violations, call.json);
    AddInserted(table_, *row, call);
    call.row = row;
    call.plan = plan_;
  }

 private:
  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    plan::Insert insert;
    insert.table = method.table;
    insert.values = InsertedValues(*method.table, 1);
    insert.returning = method.table->readable();
    return plan::MakePlan(method, insert, {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeCreate(const schema::Method& method, const MethodContext&) {
  return std::make_unique<Create>(method);
}

}  // namespace tenantry::methods
