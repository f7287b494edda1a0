// A gRPC server of a few services in the test's process, and raw calls to it.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "server/grpc/completion_loop.h"
#include "server/grpc/raw_service.h"

namespace tenantry::rpc {

class InProcessServer {
 public:
  explicit InProcessServer(std::initializer_list<RawService*> services) {
    grpc::ServerBuilder builder;
    loop_ = std::make_unique<CompletionLoop>(builder);
    for (RawService* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    for (RawService* service : services) service->Accept({loop_.get()});
    loop_->Start();
    channel_ = server_->InProcessChannel({});
  }
  ~InProcessServer() {
    server_->Shutdown();
    loop_.reset();
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  grpc::Server& server() { return *server_; }

  grpc::Status Call(const std::string& path, grpc::ClientContext& context,
                    const std::string& request, std::string* reply = nullptr) {
    grpc::Slice slice(request);
    grpc::ByteBuffer in(&slice, 1), out;
    grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, channel_);
    grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel_.get(), method, &context, in, &out);
    grpc::Slice bytes;
    if (status.ok() && reply && out.DumpToSingleSlice(&bytes).ok()) {
      reply->assign(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    }
    return status;
  }

 private:
  std::unique_ptr<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace tenantry::rpc
