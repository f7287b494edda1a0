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

// All that one call needs until its end.
struct Running {
  explicit Running(std::shared_ptr<grpc::Channel> channel) : stub(std::move(channel)) {}

  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::ByteBuffer request, reply;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  std::function<void(Running&)> done;
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
        std::unique_ptr<Running> running(static_cast<Running*>(tag));
        running->done(*running);
      }
    }).detach();
    return made;
  }();
  return queue;
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
  auto running = std::make_unique<Running>(channel_);
  for (const auto& [name, value] : options.headers) running->context.AddMetadata(name, value);
  running->context.set_deadline(std::chrono::system_clock::now() +
                                absl::ToChronoNanoseconds(options.timeout));
  grpc::Slice slice(bytes);
  running->request = grpc::ByteBuffer(&slice, 1);
  const auto* reply_type = method.descriptor->output_type();
  running->done = [reply_type, done = std::move(done)](Running& ended) {
    CallResult result;
    result.status = std::move(ended.status);
    for (const auto& [name, value] : ended.context.GetServerTrailingMetadata()) {
      result.trailers.emplace(std::string(name.data(), name.size()),
                              std::string(value.data(), value.size()));
    }
    if (result.status.ok()) {
      result.bytes = Flatten(ended.reply);
      result.reply = testing::NewMessage(*reply_type);
      if (!result.reply->ParseFromString(result.bytes)) result.reply.reset();
    } else {
      result.error = client::DecodeError(result.status);
    }
    done(std::move(result));
  };
  running->call = running->stub.PrepareUnaryCall(&running->context, method.path, running->request,
                                                 &RunningCalls());
  running->call->StartCall();
  Running* tag = running.release();
  tag->call->Finish(&tag->reply, &tag->status, tag);
}

}  // namespace tenantry::test
