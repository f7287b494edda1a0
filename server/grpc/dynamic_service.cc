#include "server/grpc/dynamic_service.h"

namespace tenantry::rpc {

DynamicService::DynamicService(const schema::Schema& schema, CallEnvironment& environment,
                               MetricRegistry& metrics)
    : factory_(&schema.pool()) {
  for (const schema::Method& method : schema.methods()) {
    MethodEntry& entry = entries_.emplace_back(
        method, *factory_.GetPrototype(method.descriptor->input_type()), metrics);
    AddUnary(method.path,
             [&environment, &entry](UnaryCall& call) { Handle(environment, entry, call); });
  }
}

}  // namespace tenantry::rpc
