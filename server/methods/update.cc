// Update: columns of one row, chosen by a mask (AIP-134).

#include "server/methods/key.h"
#include "server/methods/require.h"
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
        increment_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kIncrement)),
        row_bytes_max_(context.limits.row_bytes_max),
        require_(method, context),
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
    const std::vector<plan::Value> increments = Increments(*call.request, changes, violations);
    if (changes.empty() && increments.empty() && violations.empty()) {
      violations.Add(plan::Path(root, mask_->name()),
                     "selects nothing to update: set a field, or name it in the mask");
    }
    if (!violations.empty()) return;
    plan::Update update = Statement(*row, changes, increments, call);
    require_.Take(call, update.require, violations);
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  // What is added to columns: fields of the request's increment.
  std::vector<plan::Value> Increments(const Message& request,
                                      const std::vector<plan::Change>& changes,
                                      plan::Violations& violations) const {
    std::vector<plan::Value> increments;
    if (increment_ == nullptr || !request.GetReflection()->HasField(request, increment_)) {
      return increments;
    }
    const Message& increment = request.GetReflection()->GetMessage(request, increment_);
    std::vector<const FieldDescriptor*> set;
    increment.GetReflection()->ListFields(increment, &set);
    const plan::Path root;
    const plan::Path under(root, increment_->name());
    for (const FieldDescriptor* field : set) {
      const plan::Path path(under, field->name());
      const schema::Column& column = *table_.FindColumnByNumber(field->number());
      increments.push_back({&increment, field});
      CheckCompared(column, increments.back(), path, violations);
      for (const plan::Change& change : changes) {
        if (change.column != &column) continue;
        violations.Add(path, "is set by the same request: a number is either added to or set");
      }
    }
    return increments;
  }

  plan::Update Statement(const Message& row, const std::vector<plan::Change>& changes,
                         const std::vector<plan::Value>& increments, plan::Call& call) const {
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
    for (const plan::Value& increment : increments) {
      const schema::Column* column = table_.FindColumnByNumber(increment.field->number());
      update.values.push_back({column, plan::Assignment::Source::kIncreased,
                               call.Add(plan::FieldValue{column, increment})});
    }
    AppendUpdateTime(table_, update.values);
    update.row_bytes_max = row_bytes_max_;
    return update;
  }

  const schema::Table& table_;
  const FieldDescriptor* const resource_;
  const FieldDescriptor* const mask_;
  const FieldDescriptor* const increment_;  // null where nothing can be added to
  const std::size_t row_bytes_max_;
  const Require require_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUpdate(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Update>(method, context);
}

}  // namespace tenantry::methods
