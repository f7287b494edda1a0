// Request -> Call: validated, with the plan of its query. Pure: no libpq, no gRPC, no clock.
#pragma once

#include <memory>
#include <unordered_map>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/base/metrics.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/plan_cache.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

struct PlannerOptions {
  RequestLimits limits{};
  int plans_max = 4096;     // in the plan cache, over all methods; least recently used goes first
  int violations_max = 50;  // reported at once
  std::size_t reply_bytes_max = 4 << 20;
  std::size_t row_bytes_max = 4128768;  // of a row in a reply; an update is refused that makes more
};

class Planner {
 public:
  Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics,
          plan::ShapeRules shapes = {});

  // Validates `request` (INVALID_ARGUMENT with every violation's path) and finds or makes its plan.
  // PERMISSION_DENIED with the reason SHAPE_NOT_ALLOWED when the rules refuse a shape of it.
  // The Call points into `request`, which must outlive it. Thread-safe.
  absl::StatusOr<plan::Call> Prepare(const schema::Method& method,
                                     const google::protobuf::Message& request) const;

  // How many violations of one request are told.
  std::size_t violations_max() const { return static_cast<std::size_t>(options_.violations_max); }

 private:
  const PlannerOptions options_;
  const Filters filters_;
  const InsertPlans inserts_;
  mutable plan::PlanCache cache_;
  std::unordered_map<const schema::Table*, plan::RowSizes> row_sizes_;  // which stay where they are
  struct Planned {
    std::unique_ptr<StandardMethod> method;
    const google::protobuf::FieldDescriptor *validate_only, *request_id;  // null for reads
  };
  absl::flat_hash_map<const schema::Method*, Planned> methods_;
};

}  // namespace tenantry::methods
