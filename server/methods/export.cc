// Export: all rows that meet a filter, in the order of their key.

#include "server/methods/page.h"
#include "server/methods/search.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/page_token.h"
#include "server/plan/query_key.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
namespace number = schema::field_number;

class Export final : public StandardMethod {
 public:
  Export(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        filters_(context.filters),
        resume_token_(Field(method, number::kExportResumeToken)),
        filter_(Field(method, number::kExportFilter)),
        search_(Field(method, number::kExportSearch)),
        show_deleted_(Field(method, number::kExportShowDeleted)),
        select_(method, number::kExportSelect, context),
        path_hash_(plan::StableHash(method.path)),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    plan::Read read;
    read.table = &table_;
    const bool shown =
        show_deleted_ != nullptr && plan::Value{call.request, show_deleted_}.as_bool();
    read.deleted = shown ? plan::Deleted::kShown : plan::Deleted::kHidden;
    for (const schema::Column* column : table_.primary_key)
      read.order.push_back({.column = column});
    call.fingerprint = path_hash_;
    TakeFilter(call, read, violations);
    TakeSearch(table_, *call.request, search_, call, read.where, violations);
    if (!violations.empty()) return;
    std::string walk;
    plan::AppendWalkKey(read, walk);
    call.fingerprint = plan::StableHash(walk, call.fingerprint);
    plan::Page all{.rows_max = 0, .limit = {}, .skip = {}, .after = {}, .positions = true};
    TakeToken(*resume_token_, "resume token", "an export", read.order, call, violations);
    all.after = AddCursor(call);
    read.page = std::move(all);
    // What relations come to is bounded for each row: there is never more than one at a time.
    select_.Take(call, 1, read, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kStream});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  static const FieldDescriptor* Field(const schema::Method& method, int field_number) {
    return method.descriptor->input_type()->FindFieldByNumber(field_number);
  }

  void TakeFilter(plan::Call& call, plan::Read& read, plan::Violations& violations) const {
    const Message& request = *call.request;
    if (!request.GetReflection()->HasField(request, filter_)) return;
    const plan::Path root;
    filters_.Take(table_, request.GetReflection()->GetMessage(request, filter_),
                  plan::Path(root, filter_->name()), call, read.where, violations);
  }

  const schema::Table& table_;
  const Filters& filters_;
  const FieldDescriptor* const resume_token_;
  const FieldDescriptor* const filter_;
  const FieldDescriptor* const search_;        // null where nothing is searched
  const FieldDescriptor* const show_deleted_;  // null where nothing is soft-deleted
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
