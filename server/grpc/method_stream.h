// A call of a method whose reply or request is a stream.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/call/method.h"
#include "server/grpc/raw_service.h"

namespace tenantry::rpc {

// The method has the call, on threads of its own, until it ends it with Succeed or Fail: one that
// streams its reply from the caller's only message on, another from the beginning.
class MethodStream final : public StreamCall,
                           public call::IncomingCall,
                           private call::ReplyStream,
                           private call::RequestStream {
 public:
  explicit MethodStream(call::Method& method) : method_(method) {}

  // What server/call needs of it.
  std::optional<std::string_view> Header(std::string_view name) const override {
    return HeaderOf(context(), name);
  }
  int HeaderCount(std::string_view name) const override { return HeaderCountOf(context(), name); }
  absl::Time deadline() const override;
  absl::StatusOr<std::string_view> RequestBytes() override { return request_; }
  bool cancelled() const override { return cancelled_; }
  call::ReplyStream* replies() override { return takes_stream() ? nullptr : this; }
  call::RequestStream* requests() override { return takes_stream() ? this : nullptr; }
  void AddTrailer(const std::string& name, const std::string& value) override {
    context().AddTrailingMetadata(name, value);
  }
  void Succeed(std::string& reply) override;
  void Fail(const absl::Status& status, std::string_view request_id) override;

 private:
  bool takes_stream() const { return method_.streams() == call::Method::Streams::kRequest; }
  void OnOpen() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override {}

  absl::Status Send(std::string message, absl::Duration idle_max) override;
  absl::StatusOr<std::optional<std::string_view>> Receive(absl::Duration idle_max) override;
  // Ends the call when the last message has gone out. The object may be gone when it returns.
  void FinishSoon(grpc::Status status);

  call::Method& method_;
  std::string_view request_;
  std::atomic<bool> cancelled_{false};
  absl::Mutex mutex_;
  // The message that was asked for has come, or none will.
  bool read_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_ok_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);  // waits for the write
};

}  // namespace tenantry::rpc
