#include <chrono>
#include <cstdio>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "server/commands/commands.h"

namespace tenantry::commands {

int Health(const SettingValues& given, const HealthOptions& options) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  const std::string& address = options.address.empty() ? config->listen[0] : options.address;

  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                   grpc::internal::RpcMethod::NORMAL_RPC, channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(options.timeout_ms));
  HealthCheckRequest request;
  request.set_service(options.service);
  HealthCheckResponse response;
  grpc::Status status = grpc::internal::BlockingUnaryCall<HealthCheckRequest, HealthCheckResponse,
                                                          google::protobuf::MessageLite,
                                                          google::protobuf::MessageLite>(
      channel.get(), method, &context, request, &response);
  if (!status.ok()) {
    return Complain(address, absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                          status.error_message()));
  }
  std::puts(HealthCheckResponse::ServingStatus_Name(response.status()).c_str());
  return response.status() == HealthCheckResponse::SERVING ? kOk : kFailed;
}

}  // namespace tenantry::commands
