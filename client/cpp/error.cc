#include "client/cpp/error.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tenantry::client {

Error DecodeError(const grpc::Status& status) {
  Error error;
  error.code = status.error_code();
  error.message = status.error_message();

  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    google::rpc::RequestInfo request;
    if (any.UnpackTo(&info)) {
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata.insert(info.metadata().begin(), info.metadata().end());
    } else if (any.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations()) {
        error.violations.push_back({violation.field(), violation.description()});
      }
    } else if (any.UnpackTo(&request)) {
      error.metadata.emplace("request_id", request.request_id());
    }
  }
  return error;
}

std::string CodeName(grpc::StatusCode code) {
  static constexpr std::array<const char*, 17> kNames = {"OK",
                                                         "CANCELLED",
                                                         "UNKNOWN",
                                                         "INVALID_ARGUMENT",
                                                         "DEADLINE_EXCEEDED",
                                                         "NOT_FOUND",
                                                         "ALREADY_EXISTS",
                                                         "PERMISSION_DENIED",
                                                         "RESOURCE_EXHAUSTED",
                                                         "FAILED_PRECONDITION",
                                                         "ABORTED",
                                                         "OUT_OF_RANGE",
                                                         "UNIMPLEMENTED",
                                                         "INTERNAL",
                                                         "UNAVAILABLE",
                                                         "DATA_LOSS",
                                                         "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : absl::StrCat("CODE_", static_cast<int>(code));
}

std::string ToString(const Error& error) {
  std::string text = CodeName(error.code);
  if (!error.reason.empty()) absl::StrAppend(&text, " (", error.reason, ")");
  if (!error.message.empty()) absl::StrAppend(&text, ": ", error.message);
  for (const Violation& violation : error.violations) {
    absl::StrAppend(&text, " [", violation.field, ": ", violation.description, "]");
  }
  return text;
}

}  // namespace tenantry::client
