#include "server/call/call_metrics.h"

#include <utility>

#include "server/call/error_reply.h"

namespace tenantry::call {
namespace {

Histogram& Stage(MetricRegistry& metrics, const char* name) {
  return metrics.histogram("tenantry_stage_seconds", "Time that calls spend in each stage.",
                           {{"stage", name}});
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

MethodMetrics::MethodMetrics(MetricRegistry& metrics, std::string service, std::string method)
    : metrics_(metrics),
      service_(std::move(service)),
      method_(std::move(method)),
      started_(metrics.counter("tenantry_calls_started_total", "Calls that have begun.",
                               {{"service", service_}, {"method", method_}})),
      seconds_(metrics.histogram("tenantry_call_seconds", "Time from a call's bytes to its reply.",
                                 {{"service", service_}, {"method", method_}})) {}

void MethodMetrics::Finished(absl::StatusCode code, std::int64_t nanos) {
  seconds_.ObserveNanos(nanos);
  Finished(code).Add();
}

Counter& MethodMetrics::Finished(absl::StatusCode code) {
  auto i = static_cast<std::size_t>(code);
  if (i >= finished_.size()) i = static_cast<std::size_t>(absl::StatusCode::kUnknown);
  Counter* counter = finished_[i].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may do this at once: the registry gives both the same counter.
    counter =
        &metrics_.counter("tenantry_calls_total", "Calls that have ended, by code.",
                          {{"service", service_},
                           {"method", method_},
                           {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(i))}});
    finished_[i].store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace tenantry::call
