// The whole server: all that `tenantryd serve` makes from a Config and a Schema.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/config.h"
#include "server/base/metrics.h"
#include "server/call/handlers.h"
#include "server/schema/schema.h"
#include "server/serve/readiness.h"

namespace tenantry::serve {

// Adds methods that are written by hand, one line each (server/call/handlers.h).
using AddMethods = std::function<void(call::Handlers&)>;

class Server {
 public:
  // Connects to the database first. FAILED_PRECONDITION when the guard finds it unsafe. When it
  // cannot be reached, the server listens and is NOT_SERVING until it can. Blocks for not much
  // longer than the connect timeout. Raises this process's limit of open files.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config,
                                                       std::unique_ptr<const schema::Schema> schema,
                                                       Guard guard,
                                                       const AddMethods& add_methods = nullptr);
  // Ends calls that are under way, unless Drain was called before.
  ~Server();

  // The addresses that it listens on, in the order of the configuration, with the actual ports.
  const std::vector<std::string>& addresses() const;
  // host:port of the HTTP listener; empty when there is none.
  std::string metrics_address() const;
  bool ready() const;
  MetricRegistry& metrics();

  // One line of JSON: {"listening":[..],"metrics":"..","pid":1,"ready":true}.
  std::string ReadyLine() const;

  // Reports NOT_SERVING, waits for drain-delay-ms, refuses new calls, gives the calls in flight
  // drain-ms-max to end, then closes the database connections. Blocks. Call it once.
  void Drain();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Writes `line` and a line end to `path`, whole or not at all.
absl::Status WriteReadyFile(const std::string& path, const std::string& line);

}  // namespace tenantry::serve
