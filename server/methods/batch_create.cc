// BatchCreate: several new rows in one statement, all or none.

#include "server/methods/batch.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class BatchCreate final : public StandardMethod {
 public:
  BatchCreate(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        entries_{
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries),
            context.limits.batch_max},
        resource_(
            entries_.field->message_type()->FindFieldByNumber(schema::field_number::kResource)),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(plan::MakePlan(method, InsertOf(method.table->readable()), Form())) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    const plan::Path root;
    call.rows.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count && !violations.full(); ++i) {
      const Message& request =
          call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i);
      const plan::Path entry(root, entries_.field->name(), i);
      const plan::Path path(entry, resource_->name());
      CheckEntry(request, entry, "select beside the entries, for all", violations);
      const Message* row = Resource(request, resource_, path, violations);
      if (row == nullptr) continue;
      CheckInsert(table_, *row, path, violations, call.json);
      call.rows.push_back(row);
    }
    AddInsertedRows(table_, call);
    call.plan = select_.IsIn(*call.request) ? Selecting(call, violations) : plan_;
  }

 private:
  static plan::Reply Form() { return {.form = plan::ReplyForm::kBatch}; }

  plan::Insert InsertOf(plan::Columns returning) const {
    plan::Insert insert;
    insert.table = &table_;
    insert.values = InsertedValues(table_, 1);
    insert.many = true;
    insert.returning = std::move(returning);
    return insert;
  }

  std::shared_ptr<const plan::Plan> Selecting(plan::Call& call,
                                              plan::Violations& violations) const {
    plan::Columns columns = select_.TakeOfBatch(call, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(InsertOf(std::move(columns)), Form());
  }

  const schema::Table& table_;
  const BatchEntries entries_;
  const google::protobuf::FieldDescriptor* const resource_;
  const Select select_;
  const plan::MethodPlans plans_;
  const std::shared_ptr<const plan::Plan> plan_;  // of requests that select nothing
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchCreate(const schema::Method& method,
                                                const MethodContext& context) {
  return std::make_unique<BatchCreate>(method, context);
}

}  // namespace tenantry::methods
