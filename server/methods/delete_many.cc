// DeleteMany: removes the rows that a filter finds, or marks them where the table has soft delete.

#include "server/methods/many.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"

namespace tenantry::methods {
namespace {

class DeleteMany final : public StandardMethod {
 public:
  DeleteMany(const schema::Method& method, const MethodContext& context)
      : table_(*method.table), rows_(method, context), plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    if (table_.delete_time == nullptr) {
      plan::Delete statement;
      statement.table = &table_;
      return Finish(std::move(statement), call, violations);
    }
    plan::Update update;
    update.table = &table_;
    update.values = {{table_.delete_time, plan::Assignment::Source::kNow, {}}};
    AppendUpdateTime(table_, update.values);
    Finish(std::move(update), call, violations);
  }

  bool is_planned_at_start() const override { return false; }

 private:
  template <typename Write>
  void Finish(Write write, plan::Call& call, plan::Violations& violations) const {
    rows_.Take(call, write, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(write), {.form = plan::ReplyForm::kAffected});
  }

  const schema::Table& table_;
  const ManyRows rows_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeDeleteMany(const schema::Method& method,
                                               const MethodContext& context) {
  return std::make_unique<DeleteMany>(method, context);
}

}  // namespace tenantry::methods
