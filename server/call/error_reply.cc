#include "server/call/error_reply.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace tenantry::call {
namespace {

bool IsPrivate(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown;
}

google::rpc::ErrorInfo MakeErrorInfo(const ErrorDetails& details, absl::StatusCode code,
                                     std::string_view request_id) {
  google::rpc::ErrorInfo info;
  info.set_domain("tenantry");
  info.set_reason(details.reason.empty() ? absl::StatusCodeToString(code) : details.reason);
  for (const auto& [key, value] : details.metadata) (*info.mutable_metadata())[key] = value;
  if (!request_id.empty()) (*info.mutable_metadata())["request_id"] = std::string(request_id);
  return info;
}

// Holds as many violations as fit. The status's message says how many there are.
google::rpc::BadRequest MakeBadRequest(const ErrorDetails& details, std::size_t bytes_max) {
  google::rpc::BadRequest bad;
  std::size_t bytes = 0;
  for (const FieldViolation& violation : details.violations) {
    bytes += violation.field.size() + violation.description.size() + 8;
    if (bytes > bytes_max) break;
    auto* out = bad.add_field_violations();
    out->set_field(violation.field);
    out->set_description(violation.description);
  }
  return bad;
}

}  // namespace

google::rpc::Status ToErrorReply(const absl::Status& status, std::string_view request_id) {
  ErrorDetails details = DetailsOf(status);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(IsPrivate(status.code()) ? std::string("internal error")
                                            : std::string(status.message()));
  google::rpc::ErrorInfo info = MakeErrorInfo(details, status.code(), request_id);
  wire.add_details()->PackFrom(info);
  if (!details.violations.empty()) {
    std::size_t used = wire.ByteSizeLong();
    std::size_t left =
        used < limits::kErrorDetailsBytesMax ? limits::kErrorDetailsBytesMax - used : 0;
    wire.add_details()->PackFrom(MakeBadRequest(details, left));
  }
  return wire;
}

LogLevel LogLevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return LogLevel::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return LogLevel::kWarn;
    default:
      return LogLevel::kInfo;
  }
}

}  // namespace tenantry::call
