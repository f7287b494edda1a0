// Update: columns of one row, chosen by a mask (AIP-134).

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Update final : public StandardMethod {
 public:
  Update(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        resource_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kResource)),
        mask_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kUpdateMask)),
        row_bytes_max_(context.limits.row_bytes_max),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const plan::Path path(root, resource_->name());
    const Message* row = Resource(*call.request, resource_, path, violations);
    if (row == nullptr) return;
    CheckKey(table_.primary_key, *row, path, violations);
    const std::vector<plan::Change> changes = ResolveMask(
        table_, *call.request, mask_, *row, path, plan::MaskUse::kUpdate, violations, call.json);
    if (changes.empty() && violations.empty()) {
      violations.Add(plan::Path(root, mask_->name()),
                     "selects nothing to update: set a field, or name it in the mask");
    }
    if (!violations.empty()) return;
    plan::Update update = Statement(*row, changes, call);
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  plan::Update Statement(const Message& row, const std::vector<plan::Change>& changes,
                         plan::Call& call) const {
    plan::Update update;
    update.table = &table_;
    update.where = KeyIs(table_, static_cast<int>(call.values.size()));
    AddKeyOfResource(table_, row, call);
    for (const plan::Change& change : changes) {
      const schema::Column& column = *change.column;
      if (change.to_default) {
        update.values.push_back({&column, plan::Assignment::Source::kDefault, {}});
      } else {
        update.values.push_back(
            {&column, plan::Assignment::Source::kValue,
             call.Add(plan::FieldValue{&column, plan::Value{&row, column.api}})});
      }
    }
    AppendUpdateTime(table_, update.values);
    update.row_bytes_max = row_bytes_max_;
    return update;
  }

  const schema::Table& table_;
  const FieldDescriptor* const resource_;
  const FieldDescriptor* const mask_;
  const std::size_t row_bytes_max_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUpdate(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Update>(method, context);
}

}  // namespace tenantry::methods
