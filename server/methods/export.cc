// Export: all rows that meet a filter, in the order of their key.

#include "server/methods/page.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/methods/wanted_rows.h"
#include "server/plan/page_token.h"
#include "server/plan/query_key.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
namespace number = schema::field_number;

class Export final : public StandardMethod {
 public:
  Export(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        wanted_(method, context, number::kExportSearch),
        resume_token_(
            method.descriptor->input_type()->FindFieldByNumber(number::kExportResumeToken)),
        select_(method, number::kExportSelect, context),
        path_hash_(plan::StableHash(method.path)),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    plan::Read read;
    read.table = &table_;
    for (const schema::Column* column : table_.primary_key)
      read.order.push_back({.column = column});
    call.fingerprint = path_hash_;
    wanted_.Take(call, read.where, read.deleted, violations);
    if (!violations.empty()) return;
    std::string walk;
    plan::AppendWalkKey(read, walk);
    call.fingerprint = plan::StableHash(walk, call.fingerprint);
    plan::Page all{.rows_max = 0, .limit = {}, .skip = {}, .after = {}, .positions = true};
    TakeToken(*resume_token_, "resume token", "an", "export", read.order, call, violations);
    all.after = AddCursor(call);
    read.page = std::move(all);
    // What relations come to is bounded for each row: there is never more than one at a time.
    select_.Take(call, 1, read, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kStream});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  const schema::Table& table_;
  const WantedRows wanted_;
  const FieldDescriptor* const resume_token_;
  const Select select_;
  const std::uint64_t path_hash_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeExport(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Export>(method, context);
}

}  // namespace tenantry::methods
