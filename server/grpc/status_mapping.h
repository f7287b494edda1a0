// What a status becomes in a gRPC reply. Nowhere else does an absl::Status become a grpc::Status.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace tenantry::rpc {

// The code, a message for people, and a google.rpc.Status for the grpc-status-details-bin trailer
// (server/call/error_reply.h).
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view request_id);

}  // namespace tenantry::rpc
