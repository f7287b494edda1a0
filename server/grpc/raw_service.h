// A gRPC service whose methods are added at run time and take and give bytes. It needs no generated
// code.
//
// A call object waits for the next call of a method on one loop. When a call arrives, the next
// object is made. From a method's first call on, an object waits on every loop: methods that nobody
// calls cost 3 KB each, whatever the number of loops. Call objects delete themselves after their
// last event.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/call/incoming_call.h"
#include "server/grpc/completion_loop.h"

namespace tenantry::rpc {

class UnaryCall;
class StreamCall;

class RawService : public grpc::Service {
 public:
  // Begins to wait for calls. Call it once, after the server was built. The loops must live until
  // grpc::Server::Shutdown has returned.
  void Accept(std::vector<CompletionLoop*> loops);

 protected:
  // Must see to it that Finish is called once, now or later.
  using UnaryHandler = std::function<void(UnaryCall& call)>;
  // Makes the object for one stream, before the stream is opened.
  using StreamFactory = std::function<std::unique_ptr<StreamCall>()>;

  // `path`: "/package.Service/Method". A method that hears of cancellation learns from its calls
  // when their clients wait no more (UnaryCall::cancelled); that is one more event for each call.
  void AddUnary(std::string path, UnaryHandler handler, bool hears_cancellation = false);
  void AddStream(std::string path, StreamFactory factory);

 private:
  friend class UnaryCall;
  friend class StreamCall;
  struct Method {
    std::string path;  // gRPC keeps a pointer to it
    UnaryHandler unary;
    StreamFactory stream;
    bool hears_cancellation = false;
    std::atomic<bool> called{false};
  };

  void AddMethodOf(std::unique_ptr<Method> method, grpc::internal::RpcMethod::RpcType type);
  void AcceptOne(int index, CompletionLoop& loop);
  // After a call has arrived on the loop.
  void AcceptNext(int index, CompletionLoop& loop);

  std::vector<std::unique_ptr<Method>> methods_;
  std::vector<CompletionLoop*> loops_;
};

// A unary call, from before it arrives until its reply is sent. Then it deletes itself. Its handler
// ends it with Succeed, Fail or Finish.
class UnaryCall final : public call::IncomingCall, private CompletionEvent, private LoopTask {
 public:
  // What server/call needs of it.
  std::optional<std::string_view> Header(std::string_view name) const override;
  int HeaderCount(std::string_view name) const override;
  absl::Time deadline() const override;
  absl::StatusOr<std::string_view> RequestBytes() override;
  bool cancelled() const override { return cancelled_; }
  void AddTrailer(const std::string& name, const std::string& value) override {
    context_.AddTrailingMetadata(name, value);
  }
  void Succeed(std::string& reply) override;
  void Fail(const absl::Status& status, std::string_view request_id) override;

  const grpc::ByteBuffer& request() const { return request_; }
  // The bytes that are sent when the status is OK.
  grpc::ByteBuffer& reply() { return reply_; }
  // Any thread may call it, once. The object may be deleted before it returns.
  void Finish(grpc::Status status);

 private:
  friend class RawService;
  // The client has got the reply, or waits for it no more.
  class Over final : public CompletionEvent {
   public:
    explicit Over(UnaryCall& call) : call_(call) {}
    void Complete(bool) override {
      if (call_.context_.IsCancelled()) call_.cancelled_ = true;
      call_.LastEvents();
    }

   private:
    UnaryCall& call_;
  };

  UnaryCall(RawService& service, int index, CompletionLoop& loop);
  void Complete(bool ok) override;
  void Run() override;  // sends the reply
  // Deletes the call after the last of the events that are still to come.
  void LastEvents() {
    if (--events_left_ == 0) delete this;
  }

  RawService& service_;
  const int index_;
  const CompletionLoop::Hold hold_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_, reply_;
  std::unique_ptr<grpc::Status> failure_;  // null: the reply is sent
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
  grpc::Slice request_slice_;
  bool arrived_ = false;
  int events_left_ = 1;  // after its arrival; the loop's thread counts them
  Over over_{*this};
  std::atomic<bool> cancelled_{false};
};

// The base class of streams. Handlers run on the loop's thread, one at a time. Any thread may call
// the operations: at most one read and one write at a time.
class StreamCall {
 public:
  virtual ~StreamCall() = default;

 protected:
  // The stream is open.
  virtual void OnOpen() = 0;
  // False: nothing more comes from the client.
  virtual void OnReadDone(bool ok) = 0;
  // False: nothing more reaches the client.
  virtual void OnWriteDone(bool ok) = 0;
  // The client has cancelled, or the connection is lost. Finish must still be called.
  virtual void OnCancel() = 0;
  // The last event; the object is deleted after it. It does not come for a stream that was never
  // opened.
  virtual void OnDone() = 0;

  void StartRead();
  // Parses what was read. When it is another message or is compressed, the result is not OK, and
  // the stream should end with that status.
  grpc::Status ParseRead(google::protobuf::Message& message);
  void StartWrite(const google::protobuf::Message& message);
  void StartWriteBytes(std::string bytes);
  // What was read, in one piece, valid until the next read begins. Errors as those of ParseRead.
  grpc::Status ReadBytes(std::string_view& bytes);
  // Call it once, and not while a write is under way. The stream exists until then.
  void Finish(const grpc::Status& status);

  // The metadata of the call, which is open.
  grpc::ServerContext& context() { return context_; }
  const grpc::ServerContext& context() const { return context_; }

 private:
  friend class RawService;
  using Handler = void (StreamCall::*)(bool ok);
  // One kind of event of this stream.
  class Event final : public CompletionEvent {
   public:
    Event(StreamCall& call, Handler handler) : call_(call), handler_(handler) {}
    void Complete(bool ok) override { call_.Completed(handler_, ok); }

   private:
    StreamCall& call_;
    const Handler handler_;
  };

  void Post(RawService& service, int index, CompletionLoop& loop);
  void Completed(Handler handler, bool ok);
  void Opened(bool ok);
  void Over(bool) {
    if (context_.IsCancelled()) OnCancel();
  }
  void Finished(bool) {}

  RawService* service_ = nullptr;
  int index_ = 0;
  std::optional<CompletionLoop::Hold> hold_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  grpc::ByteBuffer read_;
  grpc::Slice read_slice_;
  Event opened_{*this, &StreamCall::Opened}, read_done_{*this, &StreamCall::OnReadDone},
      write_done_{*this, &StreamCall::OnWriteDone}, over_{*this, &StreamCall::Over},
      finished_{*this, &StreamCall::Finished};
  bool open_ = false;
  std::atomic<int> pending_{0};  // events that are still to come
};

// What the metadata of a call say.
std::optional<std::string_view> HeaderOf(const grpc::ServerContext& context, std::string_view name);
int HeaderCountOf(const grpc::ServerContext& context, std::string_view name);

// False when the bytes are not a message of that type.
bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);
grpc::ByteBuffer Serialize(const google::protobuf::Message& message);

}  // namespace tenantry::rpc
