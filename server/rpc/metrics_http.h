// The plain HTTP listener for machines that watch the server: /metrics, /healthz, /readyz.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/metrics.h"

namespace tenantry::rpc {

class MetricsHttp {
 public:
  // `address` is host:port; port 0 takes a free one. What is passed must outlive the listener.
  // `why_not_ready` is empty when the server is ready; /readyz answers with it otherwise.
  static absl::StatusOr<std::unique_ptr<MetricsHttp>> Start(
      const std::string& address, const MetricRegistry& metrics,
      std::function<std::string()> why_not_ready);
  ~MetricsHttp();

  // host:port, with the port that was taken.
  const std::string& address() const { return address_; }

 private:
  class Impl;
  MetricsHttp() = default;

  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace tenantry::rpc
