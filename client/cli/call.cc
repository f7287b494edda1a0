#include "client/cli/call.h"

#include <thread>

#include "client/cpp/write.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace tenantry::cli {
namespace {

constexpr int kAttemptsMax = 4;

void ReadUnreadable(const grpc::ClientContext& context, std::string* unreadable) {
  if (unreadable == nullptr) return;
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("tenantry-unreadable");
  if (found != trailers.end()) unreadable->assign(found->second.data(), found->second.size());
}

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
  ReadUnreadable(context, unreadable);
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

namespace {

using Messages = grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message>;

// Waits for the operations of one streaming call, one at a time.
class Steps {
 public:
  Steps(grpc::ClientContext& context, grpc::CompletionQueue& queue, std::chrono::milliseconds most)
      : context_(context), queue_(queue), most_(most) {}

  // Whether the operation that was begun last has done what it was to do.
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    const auto until = std::chrono::system_clock::now() + most_;
    if (queue_.AsyncNext(&tag, &ok, until) == grpc::CompletionQueue::TIMEOUT) {
      late_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);
    }
    return ok;
  }

  grpc::Status Outcome(const grpc::Status& status) const {
    if (!late_) return status;
    return {grpc::StatusCode::DEADLINE_EXCEEDED, "nothing came in time (--timeout)"};
  }

 private:
  grpc::ClientContext& context_;
  grpc::CompletionQueue& queue_;
  const std::chrono::milliseconds most_;
  bool late_ = false;
};

}  // namespace

grpc::Status CallStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                        std::chrono::milliseconds timeout, const google::protobuf::Message& request,
                        google::protobuf::Message& response, absl::FunctionRef<bool()> each,
                        std::string* unreadable) {
  Messages stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  Steps steps(context, queue, timeout);
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool goes_on = steps.Done();
  if (goes_on) {
    call->WriteLast(request, {}, nullptr);
    goes_on = steps.Done();
  }
  while (goes_on) {
    call->Read(&response, nullptr);
    if (!steps.Done()) break;
    goes_on = each();
    if (!goes_on) context.TryCancel();
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  steps.Done();
  ReadUnreadable(context, unreadable);
  return steps.Outcome(status);
}

grpc::Status CallWithStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                            std::chrono::milliseconds timeout, google::protobuf::Message& request,
                            google::protobuf::Message& response,
                            absl::FunctionRef<Upstream()> next) {
  Messages stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  Steps steps(context, queue, timeout);
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool taken = steps.Done();
  for (Upstream step = Upstream::kMore; taken && step == Upstream::kMore;) {
    step = next();
    if (step == Upstream::kGivenUp) {
      context.TryCancel();
      break;
    }
    step == Upstream::kMore ? call->Write(request, nullptr) : call->WriteLast(request, {}, nullptr);
    taken = steps.Done();
  }
  call->Read(&response, nullptr);
  steps.Done();
  grpc::Status status;
  call->Finish(&status, nullptr);
  steps.Done();
  return steps.Outcome(status);
}

}  // namespace tenantry::cli
