// The plain HTTP listener for machines that watch the server: /metrics, /healthz, /readyz.
//
// One thread serves all connections, so a client that sends or reads slowly holds up nobody. Each
// connection is for one request and has a deadline for all of it. When there are too many, the
// oldest is closed for the newest.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/base/metrics.h"
#include "server/net/listen_socket.h"

namespace tenantry::http {

class MetricsHttp {
 public:
  struct Options {
    std::function<std::string()> why_not_ready;  // empty when the server is ready
    std::function<absl::Status()> alive;         // must not block
    absl::Duration connection_time_max = absl::Seconds(10);
    int connections_max = limits::kHttpConnectionsMax;
  };
  // What is passed must outlive the listener.
  static absl::StatusOr<std::unique_ptr<MetricsHttp>> Start(net::Listening listening,
                                                            MetricRegistry& metrics,
                                                            Options options);
  ~MetricsHttp();

  // host:port, with the port that was taken.
  const std::string& address() const { return address_; }

 private:
  class Impl;
  MetricsHttp() = default;

  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace tenantry::http
