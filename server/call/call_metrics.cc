#include "server/call/call_metrics.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/call/error_reply.h"

namespace tenantry::call {
namespace {

Histogram& Stage(MetricRegistry& metrics, const char* name) {
  return metrics.histogram("tenantry_stage_seconds", "Time that calls spend in each stage.",
                           {{"stage", name}});
}

// "/package.Service/Method" -> "package.Service", "Method".
MetricLabels LabelsOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return {{"service", std::string(path.substr(1, slash - 1))},
          {"method", std::string(path.substr(slash + 1))}};
}

}  // namespace

StageMetrics::StageMetrics(MetricRegistry& metrics)
    : identity(Stage(metrics, "identity")),
      decode(Stage(metrics, "decode")),
      plan(Stage(metrics, "plan")),
      bind(Stage(metrics, "bind")),
      queue(Stage(metrics, "queue")),
      database(Stage(metrics, "database")),
      encode(Stage(metrics, "encode")) {}

// Two threads may do this at once: the registry gives both the same metrics.
MethodMetrics::Cells& MethodMetrics::MakeCells() {
  const MetricLabels labels = LabelsOf(path_);
  auto made = std::unique_ptr<Cells>(
      new Cells{metrics_.counter("tenantry_calls_started_total", "Calls that have begun.", labels),
                metrics_.histogram("tenantry_call_seconds",
                                   "Time from a call's bytes to its reply.", labels)});
  Cells* other = nullptr;
  if (cells_.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *other;
}

void MethodMetrics::Finished(absl::StatusCode code, std::int64_t nanos) {
  Cells& all = cells();
  all.seconds.ObserveNanos(nanos);
  Finished(all, code).Add();
}

Counter& MethodMetrics::Finished(Cells& cells, absl::StatusCode code) {
  auto i = static_cast<std::size_t>(code);
  if (i >= cells.finished.size()) i = static_cast<std::size_t>(absl::StatusCode::kUnknown);
  Counter* counter = cells.finished[i].load(std::memory_order_acquire);
  if (counter == nullptr) {
    MetricLabels labels = LabelsOf(path_);
    labels.emplace_back("code", absl::StatusCodeToString(static_cast<absl::StatusCode>(i)));
    // Two threads may do this at once, as in MakeCells.
    counter = &metrics_.counter("tenantry_calls_total", "Calls that have ended, by code.", labels);
    cells.finished[i].store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace tenantry::call
