#include "server/rpc/dynamic_service.h"

#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"

namespace tenantry::rpc {

DynamicService::DynamicService(const schema::Schema& schema, CallEnvironment& environment,
                               MetricRegistry& metrics)
    : factory_(&schema.pool()) {
  using Handler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
  int index = 0;
  for (const schema::Method& method : schema.methods()) {
    MethodEntry& entry = entries_.emplace_back(
        method, *factory_.GetPrototype(method.descriptor->input_type()), metrics);
    // gRPC keeps the pointer to the path.
    AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(index++,
                          new Handler([&environment, &entry](grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* reply) {
                            return Handle(environment, entry, context, request, reply);
                          }));
  }
}

}  // namespace tenantry::rpc
