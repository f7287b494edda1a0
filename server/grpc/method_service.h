// The methods of server/call as a gRPC service.
#pragma once

#include "server/call/method.h"
#include "server/grpc/raw_service.h"

namespace tenantry::rpc {

class MethodService final : public RawService {
 public:
  // The methods must outlive the service, and the service its server.
  explicit MethodService(const call::MethodList& methods);
};

}  // namespace tenantry::rpc
