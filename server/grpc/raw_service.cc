#include "server/grpc/raw_service.h"

#include <cstdint>
#include <utility>

#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "server/grpc/deadline.h"
#include "server/grpc/status_mapping.h"

// The flags of the message that a call has received last: the only place where gRPC shows that a
// message was compressed with an algorithm that it does not know, or that was not named. It is
// exported by libgrpc 1.51 and declared in a header that is not installed; weak, so that a library
// without it can be linked.
__attribute__((weak)) std::uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace tenantry::rpc {
namespace {

using grpc::internal::RpcMethod;

// GRPC_WRITE_INTERNAL_COMPRESS, which is not public either.
constexpr std::uint32_t kCompressedFlag = 0x80000000;

// gRPC itself refuses the algorithms that it knows (options.cc). For any other it passes the
// compressed bytes on, as if they were the message.
bool CameCompressed(grpc::ServerContext& context) {
  return grpc_call_test_only_get_message_flags != nullptr &&
         (grpc_call_test_only_get_message_flags(context.c_call()) & kCompressedFlag) != 0;
}

grpc::Status Compressed() {
  return {grpc::StatusCode::UNIMPLEMENTED,
          "compressed requests are not accepted; send this one uncompressed"};
}

// Up to this size it is cheaper to copy the bytes into the slice than to give it the string.
constexpr std::size_t kCopiedReplyBytesMax = 4096;

void MoveInto(std::string& bytes, grpc::ByteBuffer& reply) {
  grpc::Slice slice;
  if (bytes.size() <= kCopiedReplyBytesMax) {
    slice = grpc::Slice(bytes.data(), bytes.size());
    bytes.clear();
  } else {
    auto* owned = new std::string(std::move(bytes));
    slice = grpc::Slice(
        owned->data(), owned->size(), [](void* p) { delete static_cast<std::string*>(p); }, owned);
    bytes = std::string();
  }
  grpc::ByteBuffer buffer(&slice, 1);
  reply.Swap(&buffer);
}

// The bytes are copied to the slice only when they came in several.
bool InOnePiece(grpc::ByteBuffer& buffer, grpc::Slice& slice, std::string_view& bytes) {
  if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) return false;
  bytes = {reinterpret_cast<const char*>(slice.begin()), slice.size()};
  return true;
}

}  // namespace

void RawService::AddMethodOf(std::unique_ptr<Method> method, RpcMethod::RpcType type) {
  const int index = static_cast<int>(methods_.size());
  methods_.push_back(std::move(method));
  AddMethod(new grpc::internal::RpcServiceMethod(methods_.back()->path.c_str(), type, nullptr));
  MarkMethodRaw(index);
}

void RawService::AddUnary(std::string path, UnaryHandler handler, bool hears_cancellation) {
  auto method = std::make_unique<Method>();
  method->path = std::move(path);
  method->unary = std::move(handler);
  method->hears_cancellation = hears_cancellation;
  AddMethodOf(std::move(method), RpcMethod::NORMAL_RPC);
}

// A method that streams in one direction is the same on the wire.
void RawService::AddStream(std::string path, StreamFactory factory) {
  auto method = std::make_unique<Method>();
  method->path = std::move(path);
  method->stream = std::move(factory);
  AddMethodOf(std::move(method), RpcMethod::BIDI_STREAMING);
}

void RawService::Accept(std::vector<CompletionLoop*> loops) {
  loops_ = std::move(loops);
  for (std::size_t index = 0; index < methods_.size(); ++index) {
    AcceptOne(static_cast<int>(index), *loops_[index % loops_.size()]);
  }
}

void RawService::AcceptNext(int index, CompletionLoop& loop) {
  AcceptOne(index, loop);
  std::atomic<bool>& called = methods_[static_cast<std::size_t>(index)]->called;
  if (called.load(std::memory_order_relaxed) || called.exchange(true)) return;
  for (CompletionLoop* other : loops_) {
    if (other != &loop) AcceptOne(index, *other);
  }
}

void RawService::AcceptOne(int index, CompletionLoop& loop) {
  const Method& method = *methods_[static_cast<std::size_t>(index)];
  if (method.unary) {
    new UnaryCall(*this, index, loop);
  } else {
    method.stream().release()->Post(*this, index, loop);
  }
}

UnaryCall::UnaryCall(RawService& service, int index, CompletionLoop& loop)
    : service_(service), index_(index), hold_(loop) {
  if (service.methods_[static_cast<std::size_t>(index)]->hears_cancellation) {
    CompletionEvent* over = &over_;
    context_.AsyncNotifyWhenDone(over);  // the event comes only after the call has arrived
    ++events_left_;
  }
  CompletionEvent* tag = this;
  service.RequestAsyncUnary(index, &context_, &request_, &writer_, loop.queue(), loop.queue(), tag);
}

void UnaryCall::Complete(bool ok) {
  if (arrived_) return LastEvents();
  if (!ok) {
    delete this;
    return;
  }
  arrived_ = true;
  service_.AcceptNext(index_, hold_.loop());
  if (CameCompressed(context_)) return Finish(Compressed());
  service_.methods_[static_cast<std::size_t>(index_)]->unary(*this);
}

std::optional<std::string_view> UnaryCall::Header(std::string_view name) const {
  return HeaderOf(context_, name);
}

int UnaryCall::HeaderCount(std::string_view name) const { return HeaderCountOf(context_, name); }

absl::Time UnaryCall::deadline() const { return ToAbslTime(context_.raw_deadline()); }

absl::StatusOr<std::string_view> UnaryCall::RequestBytes() {
  std::string_view bytes;
  if (!InOnePiece(request_, request_slice_, bytes)) {
    return absl::InternalError("the request's bytes cannot be read");
  }
  return bytes;
}

void UnaryCall::Succeed(std::string& reply) {
  MoveInto(reply, reply_);
  Finish(grpc::Status::OK);
}

void UnaryCall::Fail(const absl::Status& status, std::string_view request_id) {
  Finish(ToGrpcStatus(status, request_id));
}

void UnaryCall::Finish(grpc::Status status) {
  if (!status.ok()) failure_ = std::make_unique<grpc::Status>(std::move(status));
  hold_.loop().RunSoon(*this);
}

void UnaryCall::Run() {
  CompletionEvent* tag = this;
  if (failure_ == nullptr) {
    writer_.Finish(reply_, grpc::Status::OK, tag);
  } else {
    writer_.FinishWithError(*failure_, tag);
  }
}

void StreamCall::Post(RawService& service, int index, CompletionLoop& loop) {
  service_ = &service;
  index_ = index;
  hold_.emplace(loop);
  pending_ = 1;
  CompletionEvent* over = &over_;
  CompletionEvent* opened = &opened_;
  context_.AsyncNotifyWhenDone(over);
  service.RequestAsyncBidiStreaming(index, &context_, &stream_, loop.queue(), loop.queue(), opened);
}

void StreamCall::Completed(Handler handler, bool ok) {
  (this->*handler)(ok);
  if (pending_.fetch_sub(1) > 1) return;
  if (open_) OnDone();
  delete this;
}

// gRPC reports the end of a stream (over_) only when it was opened. The end that we give it is
// counted from here on too: it may come from another thread, behind all other events.
void StreamCall::Opened(bool ok) {
  if (!ok) return;
  open_ = true;
  pending_ += 2;
  service_->AcceptNext(index_, hold_->loop());
  OnOpen();
}

void StreamCall::StartRead() {
  ++pending_;
  CompletionEvent* tag = &read_done_;
  stream_.Read(&read_, tag);
}

grpc::Status StreamCall::ParseRead(google::protobuf::Message& message) {
  if (CameCompressed(context_)) return Compressed();
  if (Parse(read_, message)) return grpc::Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT,
          "not a " + message.GetDescriptor()->full_name() + " message"};
}

grpc::Status StreamCall::ReadBytes(std::string_view& bytes) {
  if (CameCompressed(context_)) return Compressed();
  if (InOnePiece(read_, read_slice_, bytes)) return grpc::Status::OK;
  return {grpc::StatusCode::INTERNAL, "the message's bytes cannot be read"};
}

void StreamCall::StartWriteBytes(std::string bytes) {
  ++pending_;
  grpc::ByteBuffer message;
  MoveInto(bytes, message);
  CompletionEvent* tag = &write_done_;
  stream_.Write(message, tag);
}

void StreamCall::StartWrite(const google::protobuf::Message& message) {
  ++pending_;
  CompletionEvent* tag = &write_done_;
  stream_.Write(Serialize(message), tag);
}

void StreamCall::Finish(const grpc::Status& status) {
  CompletionEvent* tag = &finished_;
  stream_.Finish(status, tag);
}

std::optional<std::string_view> HeaderOf(const grpc::ServerContext& context,
                                         std::string_view name) {
  const auto& metadata = context.client_metadata();
  auto it = metadata.find(grpc::string_ref(name.data(), name.size()));
  if (it == metadata.end()) return std::nullopt;
  return std::string_view(it->second.data(), it->second.size());
}

int HeaderCountOf(const grpc::ServerContext& context, std::string_view name) {
  return static_cast<int>(
      context.client_metadata().count(grpc::string_ref(name.data(), name.size())));
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&bytes));
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer Serialize(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

}  // namespace tenantry::rpc
