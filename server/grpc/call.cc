#include "server/grpc/call.h"

#include <cstring>
#include <utility>

#include "server/base/log.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/call/error_reply.h"
#include "server/codec/codec.h"
#include "server/grpc/metadata.h"
#include "server/grpc/status_mapping.h"

namespace tenantry::rpc {
namespace {

// Up to this size it is cheaper to copy the bytes into the slice than to give it the string.
constexpr std::size_t kCopiedReplyBytesMax = 4096;

void LogCall(const schema::Method& method, const absl::Status& status,
             const std::string& request_id, const identity::Identity* identity,
             std::int64_t nanos) {
  LogLevel level = status.ok() ? LogLevel::kDebug : call::LogLevelOf(status.code());
  if (!LogEnabled(level)) return;
  Log(level, status.ok() ? "call" : "call failed",
      {{"method", method.path},
       {"code", call::CodeName(status.code())},
       {"reason", ReasonOf(status)},
       {"message", ToStd(status.message())},
       {"request_id", request_id},
       {"tenant", identity ? std::string_view(identity->tenant_text()) : std::string_view()},
       {"ms", static_cast<double>(nanos) / 1e6}});
}

// The request's bytes in one piece. They are copied only when they came in several slices.
class ContiguousBytes {
 public:
  explicit ContiguousBytes(const grpc::ByteBuffer& buffer) {
    ok_ = buffer.TrySingleSlice(&slice_).ok() || buffer.DumpToSingleSlice(&slice_).ok();
  }
  bool ok() const { return ok_; }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
  }

 private:
  grpc::Slice slice_;
  bool ok_;
};

// Leaves `bytes` empty. When the bytes were copied, its memory is kept for the next reply.
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

// The state of a call between its arrival and its reply. Finish deletes it.
class TenantCall final : public pg::TenantTransaction {
 public:
  TenantCall(CallEnvironment& environment, MethodEntry& entry, identity::Identity identity,
             UnaryCall& call, call::Stopwatch watch)
      : TenantTransaction(std::move(identity),
                          entry.method.read_only ? pg::Access::kReadOnly : pg::Access::kReadWrite),
        environment_(environment),
        entry_(entry),
        wire_(call),
        watch_(watch),
        arena_(first_block_, sizeof first_block_) {}

  absl::Status Decode() {
    ContiguousBytes bytes(wire_.request());
    if (!bytes.ok()) return absl::InternalError("the request's bytes cannot be read");
    request_ = entry_.prototype.New(&arena_);
    int size = static_cast<int>(bytes.view().size());  // gRPC keeps it below message-bytes-max
    if (!request_->ParseFromArray(bytes.view().data(), size)) {
      return codec::DiagnoseUndecodable(bytes.view(), *request_->GetDescriptor(),
                                        environment_.planner.violations_max());
    }
    watch_.Lap(environment_.stages.decode);
    return absl::OkStatus();
  }

  absl::Status Prepare() {
    absl::StatusOr<plan::Call> call = environment_.planner.Prepare(entry_.method, *request_);
    if (!call.ok()) return call.status();
    call_ = *std::move(call);
    watch_.Lap(environment_.stages.plan);
    return absl::OkStatus();
  }

  absl::Status Bind() {
    pg::Statement& statement = statements.emplace_back();
    statement.text = call_.plan->text;
    may_share = call_.plan->reply.brief;
    codec::BindParameters(call_, identity().tenant(), environment_.ids, statement.params);
    absl::Status status =
        codec::CheckWrittenSize(call_, statement.params, environment_.reply_limits);
    watch_.Lap(environment_.stages.bind);
    return status;
  }

  void Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) override {
    if (sent_at > absl::UnixEpoch()) {
      std::int64_t sent = absl::ToUnixNanos(sent_at);
      environment_.stages.queue.ObserveNanos(sent - watch_.last());
      environment_.stages.database.ObserveNanos(absl::GetCurrentTimeNanos() - sent);
    }
    if (status.ok()) status = Encode(results[0]);
    Finish(status);
  }

  void Finish(const absl::Status& status) {
    std::int64_t nanos = absl::GetCurrentTimeNanos() - watch_.start();
    entry_.metrics.Finished(status.code(), nanos);
    LogCall(entry_.method, status, request_id, &identity(), nanos);
    wire_.Finish(ToGrpcStatus(status, request_id));
    delete this;
  }

 private:
  absl::Status Encode(const Rows& rows) {
    thread_local std::string bytes;
    call::Stopwatch watch;
    std::vector<codec::LeftOutField> left_out;
    absl::Status status =
        codec::EncodeReply(call_, rows, environment_.reply_limits.bytes_max, bytes, left_out);
    if (status.ok() && !left_out.empty()) {
      wire_.AddTrailer(call::kUnreadableTrailer,
                       environment_.left_out.Report(call_, rows, left_out, identity().tenant_text(),
                                                    request_id));
    }
    if (status.ok()) {
      MoveInto(bytes, wire_.reply());
    } else {
      bytes.clear();
    }
    watch.Lap(environment_.stages.encode);
    return status;
  }

  CallEnvironment& environment_;
  MethodEntry& entry_;
  UnaryCall& wire_;
  call::Stopwatch watch_;
  alignas(8) char first_block_[512];  // of the arena: small requests allocate nothing
  google::protobuf::Arena arena_;
  google::protobuf::Message* request_ = nullptr;
  plan::Call call_;
};

void Refuse(MethodEntry& entry, UnaryCall& call, const absl::Status& status,
            const std::string& request_id, const call::Stopwatch& watch) {
  std::int64_t nanos = absl::GetCurrentTimeNanos() - watch.start();
  entry.metrics.Finished(status.code(), nanos);
  LogCall(entry.method, status, request_id, nullptr, nanos);
  call.Finish(ToGrpcStatus(status, request_id));
}

}  // namespace

MethodEntry::MethodEntry(const schema::Method& method, const google::protobuf::Message& prototype,
                         MetricRegistry& metrics)
    : method(method),
      prototype(prototype),
      metrics(metrics, method.descriptor->service()->full_name(), method.descriptor->name()) {}

void Handle(CallEnvironment& environment, MethodEntry& entry, UnaryCall& call) {
  call::Stopwatch watch;
  entry.metrics.Started();
  Metadata metadata(call.context());
  std::string request_id = RequestIdOf(metadata);

  absl::StatusOr<identity::Identity> identity = environment.authenticator.Authenticate(metadata);
  if (!identity.ok()) return Refuse(entry, call, identity.status(), request_id, watch);
  watch.Lap(environment.stages.identity);

  auto* tenant_call = new TenantCall(environment, entry, *std::move(identity), call, watch);
  tenant_call->request_id = std::move(request_id);
  tenant_call->deadline = DeadlineOf(call.context());

  absl::Status status = tenant_call->Decode();
  if (status.ok()) status = tenant_call->Prepare();
  if (status.ok()) status = tenant_call->Bind();
  if (!status.ok()) return tenant_call->Finish(status);
  environment.submit(tenant_call);  // to a lane, which calls Done; that encodes and finishes
}

}  // namespace tenantry::rpc
