#include "server/methods/planner.h"

#include <utility>

namespace tenantry::methods {

Planner::Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics)
    : options_(options),
      filters_(schema, options.limits.filter),
      cache_(static_cast<std::size_t>(options.plans_max), metrics) {
  for (const schema::Method& method : schema.methods()) {
    methods_.emplace(&method, MakeStandardMethod(method, {.limits = options_.limits,
                                                          .cache = cache_,
                                                          .row_sizes = row_sizes_[method.table],
                                                          .filters = filters_}));
  }
}

absl::StatusOr<plan::Call> Planner::Prepare(const schema::Method& method,
                                            const google::protobuf::Message& request) const {
  const auto found = methods_.find(&method);
  if (found == methods_.end() || found->second == nullptr) {
    return absl::InternalError("method without a plan");
  }
  plan::Call call;
  call.request = &request;
  plan::Violations violations(violations_max());
  found->second->Prepare(call, violations);
  if (!violations.empty()) return std::move(violations).ToStatus();
  if (found->second->is_planned_at_start()) cache_.CountHit();
  return call;
}

}  // namespace tenantry::methods
