// Create: one new row.

#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Create final : public StandardMethod {
 public:
  Create(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        resource_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kResource)),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(plan::MakePlan(method, Statement(), {.form = plan::ReplyForm::kRow})) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const plan::Path path(root, resource_->name());
    const google::protobuf::Message* row = Resource(*call.request, resource_, path, violations);
    if (row == nullptr) return;
    CheckInsert(table_, *row, path, violations, call.json);
    AddInserted(table_, *row, call);
    call.row = row;
    call.plan = select_.IsIn(*call.request) ? Selecting(call, violations) : plan_;
  }

 private:
  plan::Insert Statement() const {
    plan::Insert insert;
    insert.table = &table_;
    insert.values = InsertedValues(table_, 1);
    insert.returning = table_.readable();
    return insert;
  }

  std::shared_ptr<const plan::Plan> Selecting(plan::Call& call,
                                              plan::Violations& violations) const {
    plan::Insert insert = Statement();
    select_.TakeWritten(call, insert, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(std::move(insert), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const Select select_;
  const plan::MethodPlans plans_;
  const std::shared_ptr<const plan::Plan> plan_;  // of requests that select nothing
};

}  // namespace

std::unique_ptr<StandardMethod> MakeCreate(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Create>(method, context);
}

}  // namespace tenantry::methods
