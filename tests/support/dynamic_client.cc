#include "tests/support/dynamic_client.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/async_unary_call.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {
namespace {

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// A call until its end.
class Running {
 public:
  explicit Running(std::shared_ptr<grpc::Channel> channel) : stub(std::move(channel)) {}
  virtual ~Running() = default;

  // The operation that was begun last is done. False: the call has ended.
  virtual bool GoOn(bool ok) = 0;

  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::ByteBuffer request, reply;
  grpc::Status status;
  std::string bytes;  // of the reply
  std::function<void(Running&)> done;
};

class RunningUnary final : public Running {
 public:
  using Running::Running;

  void Begin(const std::string& path, grpc::CompletionQueue& queue) {
    call_ = stub.PrepareUnaryCall(&context, path, request, &queue);
    call_->StartCall();
    Running* tag = this;
    call_->Finish(&reply, &status, tag);
  }
  bool GoOn(bool) override {
    if (status.ok()) bytes = Flatten(reply);
    return false;
  }

 private:
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call_;
};

// The messages of its reply become one: their bytes behind each other are those of all their rows.
class RunningStream final : public Running {
 public:
  using Running::Running;

  void Begin(const std::string& path, grpc::CompletionQueue& queue) {
    call_ = stub.PrepareCall(&context, path, &queue);
    Running* tag = this;
    call_->StartCall(tag);
  }
  bool GoOn(bool ok) override {
    Running* tag = this;
    if (step_ == Step::kEnd) return false;
    if (step_ == Step::kRead && ok) bytes += Flatten(reply);
    if (!ok) {
      step_ = Step::kEnd;
      call_->Finish(&status, tag);
    } else if (step_ == Step::kBegin) {
      step_ = Step::kWrite;
      call_->WriteLast(request, {}, tag);
    } else {
      step_ = Step::kRead;
      call_->Read(&reply, tag);
    }
    return true;
  }

 private:
  enum class Step { kBegin, kWrite, kRead, kEnd };
  Step step_ = Step::kBegin;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// Ends the calls of all clients, on one thread, for as long as the process lives. gRPC's callback
// interface would end its own queue with the last channel, which does not always go well.
grpc::CompletionQueue& RunningCalls() {
  static grpc::CompletionQueue& queue = *[] {
    auto* made = new grpc::CompletionQueue;
    std::thread([made] {
      void* tag = nullptr;
      bool ok = false;
      while (made->Next(&tag, &ok)) {
        auto* running = static_cast<Running*>(tag);
        if (running->GoOn(ok)) continue;
        running->done(*running);
        delete running;
      }
    }).detach();
    return made;
  }();
  return queue;
}

template <typename Call>
void Begin(std::unique_ptr<Call> call, const std::string& path) {
  call.release()->Begin(path, RunningCalls());
}

}  // namespace

Headers As(std::string_view tenant, std::string_view role, std::string_view user) {
  Headers headers;
  if (!tenant.empty()) headers.emplace_back("x-tenant-id", tenant);
  if (!role.empty()) headers.emplace_back("x-user-role", role);
  if (!user.empty()) headers.emplace_back("x-user-id", user);
  return headers;
}

Headers WithRequestId(Headers headers, std::string_view request_id) {
  headers.emplace_back("x-request-id", request_id);
  return headers;
}

// Not the details' bytes: the order of a map's entries within them means nothing.
std::string CallResult::Refusal() const {
  std::string text = absl::StrCat(client::CodeName(error.code), "\nmessage: ", error.message,
                                  "\nreason: ", error.domain, "/", error.reason);
  for (const auto& [key, value] : error.metadata) absl::StrAppend(&text, "\n", key, "=", value);
  for (const client::Violation& violation : error.violations) {
    absl::StrAppend(&text, "\n", violation.field, ": ", violation.description);
  }
  return text;
}

std::string CallResult::ToString() const {
  return ok() ? (reply ? reply->ShortDebugString() : "undecodable reply") : client::ToString(error);
}

CallResult DynamicClient::Call(const schema::Method& method,
                               const google::protobuf::Message& request,
                               const CallOptions& options) const {
  return CallBytes(method, request.SerializePartialAsString(), options);
}

CallResult DynamicClient::Call(std::string_view rpc, std::string_view text, Headers headers) const {
  const schema::Method& method = testing::MethodNamed(schema_, rpc);
  return Call(method, *testing::MakeRequest(method, text), {.headers = std::move(headers)});
}

CallResult DynamicClient::CallBytes(const schema::Method& method, const std::string& bytes,
                                    const CallOptions& options) const {
  absl::Notification ended;
  CallResult result;
  StartBytes(method, bytes, options, [&](CallResult r) {
    result = std::move(r);
    ended.Notify();
  });
  ended.WaitForNotification();
  return result;
}

void DynamicClient::Start(const schema::Method& method, const google::protobuf::Message& request,
                          const CallOptions& options, std::function<void(CallResult)> done) const {
  StartBytes(method, request.SerializePartialAsString(), options, std::move(done));
}

void DynamicClient::StartBytes(const schema::Method& method, const std::string& bytes,
                               const CallOptions& options,
                               std::function<void(CallResult)> done) const {
  const bool streams =
      method.descriptor->server_streaming() || method.descriptor->client_streaming();
  auto unary = streams ? nullptr : std::make_unique<RunningUnary>(channel_);
  auto stream = streams ? std::make_unique<RunningStream>(channel_) : nullptr;
  Running& running = streams ? static_cast<Running&>(*stream) : *unary;
  for (const auto& [name, value] : options.headers) running.context.AddMetadata(name, value);
  running.context.set_deadline(std::chrono::system_clock::now() +
                               absl::ToChronoNanoseconds(options.timeout));
  grpc::Slice slice(bytes);
  running.request = grpc::ByteBuffer(&slice, 1);
  const auto* reply_type = method.descriptor->output_type();
  running.done = [reply_type, done = std::move(done)](Running& ended) {
    CallResult result;
    result.status = std::move(ended.status);
    for (const auto& [name, value] : ended.context.GetServerTrailingMetadata()) {
      result.trailers.emplace(std::string(name.data(), name.size()),
                              std::string(value.data(), value.size()));
    }
    if (result.status.ok()) {
      result.bytes = std::move(ended.bytes);
      result.reply = testing::NewMessage(*reply_type);
      if (!result.reply->ParseFromString(result.bytes)) result.reply.reset();
    } else {
      result.error = client::DecodeError(result.status);
    }
    done(std::move(result));
  };
  streams ? Begin(std::move(stream), method.path) : Begin(std::move(unary), method.path);
}

}  // namespace tenantry::test
