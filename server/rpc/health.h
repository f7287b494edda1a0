// The standard health service. Every service is as healthy as the database.
//
// Our own rather than gRPC's, which cannot end its watches: a drain would wait for their clients.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/raw_service.h"
#include "server/rpc/stream_set.h"

namespace tenantry::rpc {

inline constexpr char kHealth[] = "grpc.health.v1.Health";

class HealthService final : public RawService {
 public:
  // Knows these services and "", the server as a whole; NOT_SERVING at first.
  explicit HealthService(const std::vector<std::string>& services);

  void SetServing(bool serving);
  bool serving() const;

  // NOT_SERVING from now on; watches are told so and ended.
  void Shutdown();

 private:
  class Watch;

  void Check(UnaryCall& call) const;

  bool Knows(const std::string& service) const { return services_.contains(service); }

  const std::set<std::string> services_;
  StreamSet watches_;
  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tenantry::rpc
