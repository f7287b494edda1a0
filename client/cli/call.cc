#include "client/cli/call.h"

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace tenantry::cli {

grpc::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                       std::chrono::milliseconds timeout, const google::protobuf::Message& request,
                       google::protobuf::Message& response, std::string* unreadable) {
  using google::protobuf::Message;
  grpc::TemplatedGenericStub<Message, Message> stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  const auto call = stub.PrepareUnaryCall(&context, path, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok() && !ok) {
    return {grpc::StatusCode::INTERNAL, "the reply's bytes are not the message that was expected"};
  }
  if (unreadable != nullptr) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find("tenantry-unreadable");
    if (found != trailers.end()) unreadable->assign(found->second.data(), found->second.size());
  }
  return status;
}

}  // namespace tenantry::cli
