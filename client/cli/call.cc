#include "client/cli/call.h"

#include <thread>

#include "client/cpp/write.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace tenantry::cli {
namespace {

constexpr int kAttemptsMax = 4;

}  // namespace

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

grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      std::chrono::milliseconds timeout, google::protobuf::Message& request,
                      google::protobuf::Message& response, std::string* unreadable) {
  const bool named = client::NameRequest(request);
  for (int attempt = 1;; ++attempt) {
    const grpc::Status status = CallUnary(channel, path, timeout, request, response, unreadable);
    if (status.ok() || !named || attempt == kAttemptsMax) return status;
    const auto wait = client::WaitToRepeat(status, attempt);
    if (!wait) return status;
    std::this_thread::sleep_for(*wait);
  }
}

}  // namespace tenantry::cli
