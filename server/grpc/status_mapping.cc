#include "server/grpc/status_mapping.h"

#include "server/call/error_reply.h"

namespace tenantry::rpc {

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status reply = call::ToErrorReply(status, request_id);
  return grpc::Status(static_cast<grpc::StatusCode>(reply.code()), reply.message(),
                      reply.SerializeAsString());
}

}  // namespace tenantry::rpc
