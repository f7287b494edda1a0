// BatchCreate: several new rows in one statement, all or none.

#include "server/methods/batch.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class BatchCreate final : public StandardMethod {
 public:
  BatchCreate(const schema::Method& method, int entries_max)
      : table_(*method.table),
        entries_{
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries),
            entries_max},
        resource_(
            entries_.field->message_type()->FindFieldByNumber(schema::field_number::kResource)),
        plan_(Plan(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    const plan::Path root;
    call.rows.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count && !violations.full(); ++i) {
      const Message& request =
          call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i);
      const plan::Path entry(root, entries_.field->name(), i);
      const plan::Path path(entry, resource_->name());
      CheckEntry(request, entry, "read the rows by BatchGet", violations);
      const Message* row = Resource(request, resource_, path, violations);
      if (row == nullptr) continue;
      CheckInsert(table_, *row, path, violations, call.json);
      call.rows.push_back(row);
    }
    AddInsertedRows(table_, call);
    call.plan = plan_;
  }

 private:
  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    plan::Insert insert;
    insert.table = method.table;
    insert.values = InsertedValues(*method.table, 1);
    insert.many = true;
    insert.returning = method.table->readable();
    return plan::MakePlan(method, insert, {.form = plan::ReplyForm::kBatch});
  }

  const schema::Table& table_;
  const BatchEntries entries_;
  const google::protobuf::FieldDescriptor* const resource_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchCreate(const schema::Method& method,
                                                const MethodContext& context) {
  return std::make_unique<BatchCreate>(method, context.limits.batch_max);
}

}  // namespace tenantry::methods
