// The ceiling: a bare gRPC callback server that returns the request's bytes, on the method paths
// that the other servers have, so that the same load drives it.
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/byte_buffer.h>

#include "tests/bench/serve.h"

namespace tenantry::bench {
namespace {

using EchoHandler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;

class EchoService : public grpc::Service {
 public:
  EchoService() {
    for (const char* path : kPaths) {
      AddMethod(new grpc::internal::RpcServiceMethod(path, grpc::internal::RpcMethod::NORMAL_RPC,
                                                     nullptr));
      MarkMethodRawCallback(static_cast<int>(methods_++), new EchoHandler(Echo));
    }
  }

 private:
  static constexpr const char* kPaths[] = {
      "/saas.v1.ContactService/GetContact",
      "/saas.v1.ContactService/ListContacts",
      "/saas.v1.ContactService/CreateContact",
  };

  static grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    // A caller that went away in the middle leaves no message, and gRPC aborts on sending none.
    if (request->Valid()) {
      *reply = *request;
      reactor->Finish(grpc::Status::OK);
    } else {
      reactor->Finish(grpc::Status::CANCELLED);
    }
    return reactor;
  }

  std::size_t methods_ = 0;
};

}  // namespace
}  // namespace tenantry::bench

int main() {
  tenantry::bench::BlockStopSignals();
  tenantry::bench::EchoService service;
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  return tenantry::bench::ServeUntilStopped(builder);
}
