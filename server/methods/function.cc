// A method that is bound to a function of the database.

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;
using schema::Function;

class CallFunction final : public StandardMethod {
 public:
  CallFunction(const schema::Method& method, int entries_max)
      : function_(*method.function), entries_max_(entries_max), plan_(Plan(method)) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const Message& request = *call.request;
    const plan::Path root;
    CheckInsert(function_.request, request, root, violations, call.json);
    for (const Function::List& list : function_.lists) {
      CheckList(list, request, root, violations, call.json);
    }
    for (const Function::Argument& argument : function_.arguments) Add(argument, request, call);
    call.plan = plan_;
  }

 private:
  void CheckList(const Function::List& list, const Message& request, const plan::Path& root,
                 plan::Violations& violations, plan::JsonTexts& json) const {
    const google::protobuf::Reflection& reflection = *request.GetReflection();
    const int count = reflection.FieldSize(request, list.api);
    if (count > entries_max_) {
      return violations.Add(
          plan::Path(root, list.api->name()),
          absl::StrCat("must have at most ", entries_max_, " entries (batch-max), has ", count));
    }
    for (int i = 0; i < count && !violations.full(); ++i) {
      CheckInsert(list.entry, reflection.GetRepeatedMessage(request, list.api, i),
                  plan::Path(root, list.api->name(), i), violations, json);
    }
  }

  static void Add(const Function::Argument& argument, const Message& request, plan::Call& call) {
    if (argument.list != nullptr) {
      call.Add(plan::MembersValue{argument.column, {&request, argument.list->api}});
    } else {
      call.Add(plan::FieldValue{argument.column, {&request, argument.column->api}});
    }
  }

  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method) {
    const Function& function = *method.function;
    plan::Invoke invoke{
        .function = &function, .table = method.table, .arguments = {}, .returning = {}};
    int slot = plan::kTenantSlot.index;
    for (const Function::Argument& argument : function.arguments) {
      invoke.arguments.push_back({&argument, {++slot}});
    }
    if (function.result != nullptr) invoke.returning = function.result->readable();
    // An etag is of the stored row, which a function's row is a copy of.
    std::erase_if(invoke.returning, [](const schema::Column* column) { return !column->stored; });
    return plan::MakePlan(method, std::move(invoke), {.form = FormOf(function)});
  }

  static plan::ReplyForm FormOf(const Function& function) {
    if (function.result == nullptr) return plan::ReplyForm::kEmpty;
    return function.many ? plan::ReplyForm::kRows : plan::ReplyForm::kRow;
  }

  const Function& function_;
  const int entries_max_;
  const std::shared_ptr<const plan::Plan> plan_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeFunction(const schema::Method& method,
                                             const MethodContext& context) {
  return std::make_unique<CallFunction>(method, context.limits.batch_max);
}

}  // namespace tenantry::methods
