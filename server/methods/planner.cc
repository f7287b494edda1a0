#include "server/methods/planner.h"

#include <utility>

#include "server/schema/methods.h"

namespace tenantry::methods {

Planner::Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics)
    : options_(options),
      filters_(schema, options.limits.filter),
      cache_(static_cast<std::size_t>(options.plans_max), metrics) {
  for (const schema::Method& method : schema.methods()) {
    auto standard = MakeStandardMethod(method, {.limits = options_.limits,
                                                .cache = cache_,
                                                .row_sizes = row_sizes_[method.table],
                                                .filters = filters_});
    methods_.emplace(
        &method, Planned{std::move(standard), method.descriptor->input_type()->FindFieldByNumber(
                                                  schema::field_number::kValidateOnly)});
  }
}

absl::StatusOr<plan::Call> Planner::Prepare(const schema::Method& method,
                                            const google::protobuf::Message& request) const {
  const auto found = methods_.find(&method);
  if (found == methods_.end() || found->second.method == nullptr) {
    return absl::InternalError("method without a plan");
  }
  plan::Call call;
  call.request = &request;
  const auto* validate_only = found->second.validate_only;
  call.validate_only = validate_only != nullptr && plan::Value{&request, validate_only}.as_bool();
  plan::Violations violations(violations_max());
  found->second.method->Prepare(call, violations);
  if (!violations.empty()) return std::move(violations).ToStatus();
  if (found->second.method->is_planned_at_start()) cache_.CountHit();
  return call;
}

}  // namespace tenantry::methods
