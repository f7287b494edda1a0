// What a status becomes in a reply. Nowhere else does an absl::Status become a grpc::Status.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "server/base/log.h"

namespace tenantry::rpc {

// The code, a message for people, and a google.rpc.Status for the grpc-status-details-bin trailer.
// Its details are ErrorInfo, with the request id in its metadata, and for bad input BadRequest,
// with as many violations as fit into a trailer. The messages of INTERNAL and UNKNOWN stay in the
// log.
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view request_id);

// `NOT_FOUND` and so on.
std::string_view CodeName(absl::StatusCode code);

// How much a failed call of this code matters to the server's operator.
LogLevel LogLevelOf(absl::StatusCode code);

}  // namespace tenantry::rpc
