#include "server/call/method.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/message.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/call/error_reply.h"
#include "server/codec/codec.h"

namespace tenantry::call {
namespace {

// The caller's x-request-id when it is fit for logs, a new one otherwise.
std::string RequestIdOf(const IncomingCall& call) {
  std::optional<std::string_view> given = call.Header("x-request-id");
  return given && IsValidRequestId(*given) ? std::string(*given) : MakeRequestId();
}

void LogCall(const std::string& path, const absl::Status& status, std::string_view request_id,
             const identity::Identity* identity, std::int64_t nanos) {
  LogLevel level = status.ok() ? LogLevel::kDebug : LogLevelOf(status.code());
  if (!LogEnabled(level)) return;
  Log(level, status.ok() ? "call" : "call failed",
      {{"method", path},
       {"code", absl::StatusCodeToString(status.code())},
       {"reason", ReasonOf(status)},
       {"message", ToStd(status.message())},
       {"request_id", request_id},
       {"tenant", identity ? std::string_view(identity->tenant_text()) : std::string_view()},
       {"ms", static_cast<double>(nanos) / 1e6}});
}

}  // namespace

Method::Method(std::string path, Environment& environment)
    : path_(std::move(path)), environment_(environment), metrics_(environment.metrics, path_) {}

void Method::Handle(IncomingCall& call) {
  Frame frame(*this, call);
  metrics_.Started();
  std::string request_id = RequestIdOf(call);
  absl::StatusOr<identity::Identity> identity = environment_.authenticator.Authenticate(call);
  if (!identity.ok()) {
    std::string nothing;
    return frame.End(identity.status(), nothing, request_id, nullptr);
  }
  frame.watch().Lap(environment_.stages.identity);
  Begin(frame, *std::move(identity), std::move(request_id));
}

void Frame::End(const absl::Status& status, std::string& reply, std::string_view request_id,
                const identity::Identity* identity) {
  const std::int64_t nanos = absl::GetCurrentTimeNanos() - watch_.start();
  method_->metrics_.Finished(status.code(), nanos);
  LogCall(method_->path_, status, request_id, identity, nanos);
  if (status.ok()) {
    call_->Succeed(reply);
  } else {
    call_->Fail(status, request_id);
  }
}

absl::Status Decode(std::string_view bytes, std::size_t violations_max,
                    google::protobuf::Message& request) {
  const int size = static_cast<int>(bytes.size());  // transports keep it below message-bytes-max
  if (request.ParseFromArray(bytes.data(), size)) return absl::OkStatus();
  return codec::DiagnoseUndecodable(bytes, *request.GetDescriptor(), violations_max);
}

absl::Status ReplyTooLarge(std::size_t bytes_max) {
  return MakeError(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat("the reply would be larger than ", bytes_max, " bytes (message-bytes-max)"),
      {.reason = "REPLY_TOO_LARGE", .metadata = {}, .violations = {}});
}

}  // namespace tenantry::call
