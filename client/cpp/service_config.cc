#include "client/cpp/service_config.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.pb.h"
#include "nlohmann/json.hpp"

namespace tenantry::client {
namespace {

using google::protobuf::MethodDescriptor;
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

bool IsRead(const MethodDescriptor& method) {
  return method.options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS;
}

bool IsStream(const MethodDescriptor& method) {
  return method.client_streaming() || method.server_streaming();
}

json NamesOf(const std::vector<const ServiceDescriptor*>& services, bool reads, bool streams) {
  json names = json::array();
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (IsRead(method) != reads || IsStream(method) != streams) continue;
      names.push_back({{"service", service->full_name()}, {"method", method.name()}});
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
  json retries = json::object();
  if (options.retry.attempts_max > 1) retries["retryPolicy"] = RetryPolicy(options.retry);
  const auto add = [&methods](json names, std::initializer_list<json> settings) {
    if (names.empty()) return;
    json entry = {{"name", std::move(names)}};
    for (const json& some : settings) entry.update(some);
    methods.push_back(std::move(entry));
  };
  // An empty name stands for every method that no other entry names. A stream takes the time that
  // its rows need. It is sent again for as long as none of its messages has come.
  if (!limits.empty()) add(json::array({json::object()}), {limits});
  if (!retries.empty()) add(NamesOf(services, true, false), {limits, retries});
  if (!limits.empty() || !retries.empty()) {
    add(NamesOf(services, true, true), {retries});
    add(NamesOf(services, false, true), {});
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
