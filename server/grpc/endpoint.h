// The gRPC side of a server, from a connection that comes in to the last call that ends: methods,
// health and reflection on the listening sockets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "server/base/config.h"
#include "server/base/metrics.h"
#include "server/call/method.h"
#include "server/net/listen_socket.h"

namespace tenantry::rpc {

class Endpoint {
 public:
  // What is served.
  struct Contents {
    const call::MethodList& methods;
    // Full names, as reflection lists them and health knows them. The endpoint adds its own.
    std::vector<std::string> services;
    // Where reflection finds their descriptors, and else among those that are compiled in.
    const google::protobuf::DescriptorPool& descriptors;
  };

  // What is passed must outlive the endpoint.
  Endpoint(const Config& config, MetricRegistry& metrics);
  ~Endpoint();

  // What health tells. Any thread, also before Serve.
  void SetServing(bool serving);

  // Takes connections from then on. Raises this process's limit of open files. Call it once; what
  // `contents` names must last until Close. INVALID_ARGUMENT when the certificate cannot be used.
  absl::Status Serve(std::vector<net::Listening> listening, Contents contents);

  // Each asks one listener or one thread whether it still answers. After Serve; not to be used once
  // Drain has begun.
  std::vector<std::function<absl::Status(absl::Time deadline)>> Probes();

  // Health is NOT_SERVING from now on, whatever SetServing says.
  void AnnounceEnd();
  // Takes no more connections and no new calls, ends streams, and waits for the calls in flight
  // until `until` at the latest. Then gRPC cancels what is left.
  void Drain(absl::Time until);
  // Ends the threads. After Drain, when every call has been ended.
  void Close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::rpc
