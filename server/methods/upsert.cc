// Upsert: one new row, or changes to the one that has its key already.

#include "server/methods/conflict.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

class Upsert final : public StandardMethod {
 public:
  Upsert(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        fields_(table_, *method.descriptor->input_type()),
        row_bytes_max_(context.limits.row_bytes_max),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const Upserted upserted = fields_.Take(*call.request, plan::Path(), violations, call.json);
    if (!violations.empty()) return;
    plan::Insert insert = InsertOrUpdate(table_, upserted, row_bytes_max_);
    insert.values = InsertedValues(table_, 1);
    AddInserted(table_, *upserted.row, call);
    select_.TakeWritten(call, insert, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(insert),
                                  {.form = plan::ReplyForm::kRow, .no_row = plan::NoRow::kDeleted});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  const schema::Table& table_;
  const UpsertFields fields_;
  const std::size_t row_bytes_max_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUpsert(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Upsert>(method, context);
}

}  // namespace tenantry::methods
