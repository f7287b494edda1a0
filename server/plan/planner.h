// Request -> Call: validated, with the plan for its shape. Pure: no libpq, no gRPC, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/base/metrics.h"
#include "server/base/sql.h"
#include "server/plan/plan.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

struct PlannerOptions {
  int page_size_default = 50;
  int page_size_max = 1000;
  int batch_max = 1000;     // rows in one BatchGet or BatchCreate
  int plans_max = 4096;     // in the plan cache, over all methods; least recently used goes first
  int violations_max = 50;  // reported at once
  std::size_t reply_bytes_max = 4 << 20;
  std::size_t row_bytes_max = 4128768;  // of a row in a reply; an update is refused that makes more
};

class Planner {
 public:
  Planner(const schema::Schema& schema, PlannerOptions options, MetricRegistry& metrics);
  ~Planner();

  // Validates `request` (INVALID_ARGUMENT with every violation's path) and finds or makes its plan.
  // The Call points into `request`, which must outlive it. Thread-safe.
  absl::StatusOr<Call> Prepare(const schema::Method& method,
                               const google::protobuf::Message& request) const;

  // How many violations of one request are told.
  std::size_t violations_max() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::plan
