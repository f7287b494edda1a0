#include "server/grpc/method_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status.h"
#include "server/grpc/deadline.h"
#include "server/grpc/status_mapping.h"

namespace tenantry::rpc {
namespace {

absl::Status CallerHasGone() {
  return MakeError(absl::StatusCode::kCancelled, "the caller cancelled the call",
                   {.reason = "CANCELLED", .metadata = {}, .violations = {}});
}

absl::Status Idle(const char* did, absl::Duration idle_max) {
  return MakeError(absl::StatusCode::kDeadlineExceeded,
                   absl::StrCat("the caller ", did, " nothing for ", absl::FormatDuration(idle_max),
                                " (stream-idle-ms-max)"),
                   {.reason = "STREAM_IDLE", .metadata = {}, .violations = {}});
}

}  // namespace

absl::Time MethodStream::deadline() const { return ToAbslTime(context().raw_deadline()); }

void MethodStream::OnOpen() {
  StartRead();
  if (takes_stream()) method_.Handle(*this);
}

void MethodStream::OnReadDone(bool ok) {
  if (takes_stream()) {
    absl::MutexLock lock(&mutex_);
    read_ = true;
    read_ok_ = ok;
    return;
  }
  if (!ok) return Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request is missing"});
  if (grpc::Status read = ReadBytes(request_); !read.ok()) return Finish(read);
  method_.Handle(*this);
}

// The next message is asked for when one is given away, so that two are held at most.
absl::StatusOr<std::optional<std::string_view>> MethodStream::Receive(absl::Duration idle_max) {
  {
    absl::MutexLock lock(&mutex_);
    const auto come = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return read_; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&come), idle_max)) return Idle("sent", idle_max);
    if (cancelled_) return CallerHasGone();
    if (!read_ok_) return std::nullopt;
    read_ = false;
  }
  if (grpc::Status read = ReadBytes(request_); !read.ok()) {
    return absl::Status(static_cast<absl::StatusCode>(read.error_code()), read.error_message());
  }
  StartRead();
  return request_;
}

absl::Status MethodStream::Send(std::string message, absl::Duration idle_max) {
  {
    absl::MutexLock lock(&mutex_);
    const auto free = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !writing_; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&free), idle_max)) {
      // The end would wait behind the message that nobody takes.
      context().TryCancel();
      return Idle("took", idle_max);
    }
    if (cancelled_) return CallerHasGone();
    writing_ = true;
  }
  StartWriteBytes(std::move(message));
  return absl::OkStatus();
}

// After a cancellation the write under way is done too, with `ok` false.
void MethodStream::OnWriteDone(bool ok) {
  std::optional<grpc::Status> end;
  {
    absl::MutexLock lock(&mutex_);
    if (!ok) cancelled_ = true;
    writing_ = false;
    end = std::exchange(end_, std::nullopt);
  }
  if (end.has_value()) Finish(*end);
}

void MethodStream::OnCancel() { cancelled_ = true; }

void MethodStream::Succeed(std::string& reply) {
  if (!takes_stream()) return FinishSoon(grpc::Status::OK);
  {
    absl::MutexLock lock(&mutex_);
    writing_ = true;
    end_ = grpc::Status::OK;
  }
  StartWriteBytes(std::move(reply));
}

void MethodStream::Fail(const absl::Status& status, std::string_view request_id) {
  FinishSoon(ToGrpcStatus(status, request_id));
}

void MethodStream::FinishSoon(grpc::Status status) {
  {
    absl::MutexLock lock(&mutex_);
    if (writing_) {
      end_ = std::move(status);
      return;
    }
  }
  Finish(status);
}

}  // namespace tenantry::rpc
