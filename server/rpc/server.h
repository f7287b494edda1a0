// The whole server: everything that `tenantryd serve` builds from a Config and a Schema.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/config.h"
#include "server/base/metrics.h"
#include "server/rpc/readiness.h"
#include "server/schema/schema.h"

namespace tenantry::rpc {

class Server {
 public:
  // Tries the database first: FAILED_PRECONDITION when the guard finds it unsafe. When it cannot be
  // reached the server listens all the same, NOT_SERVING until it can. Blocks for at most the
  // connect timeout and a little.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config,
                                                       std::unique_ptr<const schema::Schema> schema,
                                                       Guard guard);
  // Without a Drain before: cuts calls off.
  ~Server();

  // Where it listens, in the order of the configuration, with the ports that were taken.
  const std::vector<std::string>& addresses() const;
  // host:port of the metrics listener, empty without one.
  std::string metrics_address() const;
  bool ready() const;
  MetricRegistry& metrics();

  // One line of JSON: {"listening":[..],"metrics":"..","pid":1,"ready":true}.
  std::string ReadyLine() const;

  // Reports NOT_SERVING, waits drain-delay-ms, refuses new calls, lets those in flight end within
  // drain-ms-max, then closes the database connections. Blocks. Call once.
  void Drain();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Writes `line` and a line end to `path`, whole or not at all.
absl::Status WriteReadyFile(const std::string& path, const std::string& line);

}  // namespace tenantry::rpc
