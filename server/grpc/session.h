// tenantry.v1.SessionService, a service that is written by hand and uses an interactive
// transaction.
#pragma once

#include "server/call/call_metrics.h"
#include "server/call/worker_pool.h"
#include "server/grpc/raw_service.h"
#include "server/identity/identity.h"
#include "server/pg/interactive.h"

namespace tenantry::rpc {

inline constexpr char kSession[] = "tenantry.v1.SessionService";

class SessionService final : public RawService {
 public:
  struct Dependencies {
    const identity::Authenticator& authenticator;
    pg::InteractiveRunner& runner;
    call::WorkerPool& workers;
    MetricRegistry& metrics;
  };
  // What it depends on must outlive it.
  explicit SessionService(const Dependencies& dependencies);

 private:
  class GetSession;

  Dependencies dependencies_;
  call::MethodMetrics get_session_metrics_;
};

}  // namespace tenantry::rpc
