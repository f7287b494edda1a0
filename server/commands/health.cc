#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "server/commands/commands.h"

namespace tenantry::commands {
namespace {

// The server is our own, and its certificate may not name the address that is asked here, so that
// it is not verified. Where clients need a certificate, the server's own stands in for one.
std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const Config& config,
                                                         const std::string& address) {
  namespace experimental = grpc::experimental;
  if (config.tls_certificate_file.empty() || address.rfind("unix:", 0) == 0) {
    return grpc::InsecureChannelCredentials();
  }
  experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<experimental::NoOpCertificateVerifier>());
  if (!config.tls_client_ca_file.empty()) {
    options.set_certificate_provider(std::make_shared<experimental::FileWatcherCertificateProvider>(
        config.tls_key_file, config.tls_certificate_file, 60));
    options.watch_identity_key_cert_pairs();
  }
  return experimental::TlsCredentials(options);
}

}  // namespace

int Health(const SettingValues& given, const HealthOptions& options) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  const std::string& address = options.address.empty() ? config->listen[0] : options.address;

  auto channel = grpc::CreateChannel(address, CredentialsFor(*config, address));
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
