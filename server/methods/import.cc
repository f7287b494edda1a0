// Import: the rows of one message of the stream, in one statement.

#include "absl/strings/str_cat.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class Import final : public StandardMethod {
 public:
  Import(const schema::Method& method, int rows_max)
      : table_(*method.table),
        rows_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kImportRows)),
        mode_(
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kImportMode)),
        rows_max_(rows_max),
        plan_(Plan(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const google::protobuf::Reflection& reflection = *call.request->GetReflection();
    const int count = reflection.FieldSize(*call.request, rows_);
    const plan::Path root;
    plan::CheckEnumKnown({call.request, mode_}, plan::Path(root, mode_->name()), violations);
    if (count > rows_max_) {
      violations.Add(
          plan::Path(root, rows_->name()),
          absl::StrCat("must have at most ", rows_max_,
                       " entries in one message (stream-message-rows-max), has ", count));
      return;
    }
    call.rows.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count && !violations.full(); ++i) {
      const Message& row = reflection.GetRepeatedMessage(*call.request, rows_, i);
      CheckInsert(table_, row, plan::Path(root, rows_->name(), i), violations, call.json);
      call.rows.push_back(&row);
    }
    AddInsertedRows(table_, call);
    call.plan = plan_;
  }

 private:
  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    plan::Insert insert = InsertOf(*method.table);
    insert.many = true;
    insert.returning.clear();
    auto plan = std::make_shared<plan::Plan>(
        *plan::MakePlan(method, insert, {.form = plan::ReplyForm::kAffected}));
    // The size of a row is that of what will be read of it.
    plan->outputs.columns = method.table->readable();
    return plan;
  }

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const rows_;
  const google::protobuf::FieldDescriptor* const mode_;
  const int rows_max_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeImport(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Import>(method, context.limits.stream_rows_max);
}

}  // namespace tenantry::methods
