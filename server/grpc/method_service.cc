#include "server/grpc/method_service.h"

namespace tenantry::rpc {

MethodService::MethodService(const call::MethodList& methods) {
  for (const std::unique_ptr<call::Method>& method : methods) {
    AddUnary(
        method->path(), [&method = *method](UnaryCall& call) { method.Handle(call); },
        method->hears_cancellation());
  }
}

}  // namespace tenantry::rpc
