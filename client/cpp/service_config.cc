#include "client/cpp/service_config.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.pb.h"
#include "nlohmann/json.hpp"

namespace tenantry::client {
namespace {

using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;
using nlohmann::json;

// Durations are written as in the JSON form of google.protobuf.Duration: "0.050s".
std::string Seconds(std::chrono::milliseconds time) {
  return absl::StrFormat("%d.%03ds", time.count() / 1000, time.count() % 1000);
}

// A server that ends tells its clients so (GOAWAY). gRPC answers CANCELLED to a call that comes in
// after that. None of the server's own code has seen such a call, so it may be sent again.
json RetryPolicy(const RetryOptions& retry) {
  return {{"maxAttempts", std::min(retry.attempts_max, 5)},
          {"initialBackoff", Seconds(retry.backoff_first)},
          {"maxBackoff", Seconds(retry.backoff_max)},
          {"backoffMultiplier", retry.backoff_multiplier},
          {"retryableStatusCodes", {"UNAVAILABLE", "CANCELLED"}}};
}

json ReadMethods(const std::vector<const ServiceDescriptor*>& services) {
  json names = json::array();
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS) continue;
      names.push_back({{"service", service->full_name()}, {"method", method->name()}});
    }
  }
  return names;
}

}  // namespace

std::string ServiceConfigJson(const ServiceConfigOptions& options,
                              const std::vector<const ServiceDescriptor*>& services) {
  json methods = json::array();
  json limits = json::object();
  if (options.call_time_max.count() > 0) limits["timeout"] = Seconds(options.call_time_max);

  // An empty name stands for every method that no other entry names.
  if (!limits.empty()) {
    json rest = limits;
    rest["name"] = json::array({json::object()});
    methods.push_back(std::move(rest));
  }
  json reads = ReadMethods(services);
  if (options.retry.attempts_max > 1 && !reads.empty()) {
    json entry = limits;
    entry["name"] = std::move(reads);
    entry["retryPolicy"] = RetryPolicy(options.retry);
    methods.push_back(std::move(entry));
  }

  json config = {{"methodConfig", std::move(methods)}};
  if (options.round_robin) {
    config["loadBalancingConfig"] = json::array({{{"round_robin", json::object()}}});
  }
  if (options.health_checks) config["healthCheckConfig"] = {{"serviceName", ""}};
  if (options.retry.attempts_max > 1) {
    // When more than one call in ten fails, retries stop until calls succeed again: a server that
    // is down or overloaded must not get several times its load.
    config["retryThrottling"] = {{"maxTokens", 100}, {"tokenRatio", 0.1}};
  }
  return config.dump();
}

absl::StatusOr<std::vector<const ServiceDescriptor*>> LinkedServices(
    const std::vector<std::string>& full_names) {
  std::vector<const ServiceDescriptor*> services;
  std::vector<std::string> missing;
  for (const std::string& name : full_names) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service != nullptr) {
      services.push_back(service);
    } else {
      missing.push_back(name);
    }
  }
  if (!missing.empty()) {
    return absl::NotFoundError(absl::StrCat("no stubs linked for: ", absl::StrJoin(missing, ", ")));
  }
  return services;
}

}  // namespace tenantry::client
