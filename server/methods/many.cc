#include "server/methods/many.h"

#include "absl/strings/str_cat.h"
#include "server/schema/methods.h"

namespace tenantry::methods {

ManyRows::ManyRows(const schema::Method& method, const MethodContext& context)
    : table_(*method.table),
      filter_(
          method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kManyFilter)),
      max_affected_(method.descriptor->input_type()->FindFieldByNumber(
          schema::field_number::kManyMaxAffected)),
      filters_(context.filters),
      rows_max_(context.limits.affected_rows_max) {}

void ManyRows::TakeFilter(plan::Call& call, std::vector<plan::Expr>& where,
                          plan::Violations& violations) const {
  const plan::Path root;
  const plan::Path path(root, filter_->name());
  if (!call.request->GetReflection()->HasField(*call.request, filter_)) {
    violations.Add(path, "is required: an empty one finds all rows");
    return;
  }
  filters_.Take(table_, call.request->GetReflection()->GetMessage(*call.request, filter_), path,
                call, where, violations);
}

plan::Slot ManyRows::TakeMost(plan::Call& call, plan::Violations& violations) const {
  const std::int64_t most = plan::Value{call.request, max_affected_}.as_int();
  if (most < 1 || most > rows_max_) {
    const plan::Path root;
    violations.Add(
        plan::Path(root, max_affected_->name()),
        absl::StrCat("is required, and must be between 1 and ", rows_max_, " (affected-rows-max)"));
  }
  return call.Add(plan::IntegerValue{most});
}

}  // namespace tenantry::methods
