// The standard health service. All services have the status of the database.
//
// gRPC has one of its own, which cannot end its watches: a drain would wait for their clients.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/grpc/raw_service.h"
#include "server/grpc/stream_set.h"

namespace tenantry::rpc {

inline constexpr char kHealth[] = "grpc.health.v1.Health";

class HealthService final : public RawService {
 public:
  // Knows "", the whole server, which is NOT_SERVING at first.
  HealthService();

  // Knows these as well. Before the first call.
  void SetServices(const std::vector<std::string>& services);

  void SetServing(bool serving);
  bool serving() const;

  // The status is NOT_SERVING from now on. Watches are told and then ended.
  void Shutdown();

 private:
  class Watch;

  void Check(UnaryCall& call) const;

  bool Knows(const std::string& service) const { return services_.contains(service); }

  std::set<std::string> services_ = {""};
  StreamSet watches_;
  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tenantry::rpc
