#include "server/methods/planner.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/methods/request_id.h"
#include "server/schema/methods.h"

namespace tenantry::methods {

namespace {

bool IsAllowed(const plan::Call& call) {
  bool allowed = true;
  call.ForEachStatement(
      [&](const plan::Statement& statement) { allowed = allowed && statement.plan->allowed; });
  return allowed;
}

absl::Status NotAllowed(const schema::Method& method) {
  return MakeError(absl::StatusCode::kPermissionDenied,
                   absl::StrCat(method.path,
                                " is not answered in this shape: the server has a list of those "
                                "that it answers (shapes-enforce). Record the request where "
                                "shapes-record is set, and add its line"),
                   {"SHAPE_NOT_ALLOWED", {{"method", method.path}}, {}});
}

}  // namespace

Planner::Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics,
                 plan::ShapeRules shapes)
    : options_(options),
      filters_(schema, options.limits.filter),
      inserts_(schema),
      cache_(static_cast<std::size_t>(options.plans_max), metrics, std::move(shapes)) {
  for (const schema::Method& method : schema.methods()) {
    auto standard = MakeStandardMethod(method, {.limits = options_.limits,
                                                .cache = cache_,
                                                .row_sizes = row_sizes_[method.table],
                                                .filters = filters_,
                                                .inserts = inserts_});
    const auto* request = method.descriptor->input_type();
    methods_.emplace(&method,
                     Planned{std::move(standard),
                             request->FindFieldByNumber(schema::field_number::kValidateOnly),
                             request->FindFieldByNumber(schema::field_number::kRequestId)});
  }
}

namespace {

std::string RequestId(const plan::Value& value, plan::Violations& violations) {
  std::string scratch;
  const std::optional<std::string> id = RequestIdOf(value.as_string(scratch));
  if (id.has_value()) return *id;
  const plan::Path root;
  violations.Add(plan::Path(root, value.field->name()), kRequestIdRule);
  return "";
}

}  // namespace

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
  // What is only tried is done as often as it is sent.
  if (found->second.request_id != nullptr && !call.validate_only) {
    call.request_id = RequestId({&request, found->second.request_id}, violations);
  }
  found->second.method->Prepare(call, violations);
  if (!violations.empty()) return std::move(violations).ToStatus();
  if (!IsAllowed(call)) return NotAllowed(method);
  if (found->second.method->is_planned_at_start()) cache_.CountHit();
  return call;
}

}  // namespace tenantry::methods
