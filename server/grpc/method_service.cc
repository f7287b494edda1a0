#include "server/grpc/method_service.h"

#include <memory>

#include "server/grpc/method_stream.h"

namespace tenantry::rpc {

MethodService::MethodService(const call::MethodList& methods) {
  for (const std::unique_ptr<call::Method>& method : methods) {
    if (method->streams() != call::Method::Streams::kNothing) {
      AddStream(method->path(),
                [&method = *method] { return std::make_unique<MethodStream>(method); });
      continue;
    }
    AddUnary(
        method->path(), [&method = *method](UnaryCall& call) { method.Handle(call); },
        method->hears_cancellation());
  }
}

}  // namespace tenantry::rpc
