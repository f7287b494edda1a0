// Update: columns of one row, chosen by a mask (AIP-134), and changes to rows that refer to it.

#include <utility>

#include "server/methods/changes.h"
#include "server/methods/children.h"
#include "server/methods/key.h"
#include "server/methods/require.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class Update final : public StandardMethod {
 public:
  Update(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        changes_(table_, *method.descriptor->input_type(), {}),
        row_bytes_max_(context.limits.row_bytes_max),
        children_(method, context),
        require_(method, context),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const Changes changes = changes_.TakeOfRow(*call.request, plan::Path(), violations, call.json);
    if (changes.row == nullptr) return;
    if (children_.AreIn(*call.request)) return PrepareNested(changes, call, violations);
    if (changes.empty() && violations.empty()) changes_.RefuseEmpty(plan::Path(), violations);
    if (!violations.empty()) return;
    plan::Update update = UpdateOfRow(table_, changes, row_bytes_max_, call);
    require_.Take(call, update, violations);
    select_.TakeWritten(call, update, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  // The row is always written, also where only its children change: of two who change them at once,
  // one waits for the other.
  void PrepareNested(const Changes& changes, plan::Call& call, plan::Violations& violations) const {
    Children::Written children = children_.Take(*changes.row, call, violations);
    if (!violations.empty()) return;
    plan::Update update = UpdateOfRow(table_, changes, row_bytes_max_, call);
    if (update.values.empty()) {
      update.values.push_back({table_.primary_key[0], plan::Assignment::Source::kPresent, {}});
    }
    update.refused = plan::NoRow::kNotFound;
    require_.Take(call, update, violations);
    if (!violations.empty()) return;
    call.rows = {changes.row};
    const bool selects = select_.IsIn(*call.request);
    if (!selects) update.returning = table_.readable();
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
    if (selects) return ReadBehind(*changes.row, std::move(children), call, violations);
    call.after = std::move(children.statements);
    call.below = std::move(children.below);
  }

  // Reads the row behind all that was written: the call's own statement until now goes before.
  void ReadBehind(const Message& row, Children::Written children, plan::Call& call,
                  plan::Violations& violations) const {
    plan::Statement& own = call;
    call.before.push_back(std::exchange(own, plan::Statement()));
    for (plan::Statement& statement : children.statements) {
      call.before.push_back(std::move(statement));
    }
    plan::Read read;
    read.table = &table_;
    read.where = KeyIs(table_, 1);
    AddKeyOfResource(table_, row, call);
    select_.Take(call, 1, read, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kRow});
  }

  const schema::Table& table_;
  const ChangeFields changes_;
  const std::size_t row_bytes_max_;
  const Children children_;
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
