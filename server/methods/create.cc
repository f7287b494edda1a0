// Create: one new row, and rows of its relations with it.

#include "server/methods/key.h"
#include "server/methods/nested.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class Create final : public StandardMethod {
 public:
  Create(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        resource_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kResource)),
        limits_(context.limits),
        inserts_(context.inserts),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method),
        plan_(plan::MakePlan(method, InsertOf(table_), {.form = plan::ReplyForm::kRow})) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const plan::Path path(root, resource_->name());
    const Message* row = Resource(*call.request, resource_, path, violations);
    if (row == nullptr) return;
    if (HoldsRelations(table_, *row)) return PrepareNested(*row, path, call, violations);
    CheckInsert(table_, *row, path, violations, call.json);
    AddInserted(table_, *row, call);
    call.row = row;
    call.plan = select_.IsIn(*call.request) ? Selecting(call, violations) : plan_;
  }

 private:
  void PrepareNested(const Message& row, const plan::Path& path, plan::Call& call,
                     plan::Violations& violations) const {
    NestedInsert nested(inserts_, limits_, call, violations);
    nested.Take(table_, row, path);
    if (select_.IsIn(*call.request)) nested.CheckKey(path);
    if (!violations.empty()) return;
    if (!select_.IsIn(*call.request)) return nested.AddStatements(plan_);
    nested.AddStatementsBefore(plan_);
    // Read behind all that was written, so that it holds the new rows of relations too.
    plan::Read read;
    read.table = &table_;
    read.where = KeyIs(table_, 1);
    select_.Take(call, 1, read, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kRow});
  }

  std::shared_ptr<const plan::Plan> Selecting(plan::Call& call,
                                              plan::Violations& violations) const {
    plan::Insert insert = InsertOf(table_);
    select_.TakeWritten(call, insert, violations);
    if (!violations.empty()) return nullptr;
    return plans_.FindOrMake(std::move(insert), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const RequestLimits limits_;
  const InsertPlans& inserts_;
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
