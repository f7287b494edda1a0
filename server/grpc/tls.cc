#include "server/grpc/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "server/base/log.h"

namespace tenantry::rpc {
namespace {

namespace experimental = grpc::experimental;

absl::Status Unfit(const std::string& file) {
  const char* why = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": ", why != nullptr ? why : "cannot be used"));
}

// Without this check gRPC starts even when files are missing or do not match, and then no handshake
// succeeds.
absl::Status CheckFiles(const Config& config) {
  if (config.tls_key_file.empty()) {
    return absl::InvalidArgumentError("--tls-certificate-file needs --tls-key-file");
  }
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                            SSL_CTX_free);
  if (context == nullptr) return Unfit("TLS");
  const std::string& certificate = config.tls_certificate_file;
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return Unfit(certificate);
  }
  const std::string& key = config.tls_key_file;
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Unfit(key);
  }
  const std::string& authority = config.tls_client_ca_file;
  if (!authority.empty() &&
      SSL_CTX_load_verify_locations(context.get(), authority.c_str(), nullptr) != 1) {
    return Unfit(authority);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ListenerCredentials(const Config& config) {
  if (config.tls_certificate_file.empty()) {
    if (config.tls_key_file.empty() && config.tls_client_ca_file.empty()) {
      return grpc::InsecureServerCredentials();
    }
    return absl::InvalidArgumentError("TLS needs --tls-certificate-file");
  }
  if (absl::Status status = CheckFiles(config); !status.ok()) return status;
  const auto seconds = static_cast<unsigned>((config.tls_reload_interval_ms + 999) / 1000);
  experimental::TlsServerCredentialsOptions options(
      std::make_shared<experimental::FileWatcherCertificateProvider>(
          config.tls_key_file, config.tls_certificate_file, config.tls_client_ca_file, seconds));
  options.watch_identity_key_cert_pairs();
  if (!config.tls_client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  Log(LogLevel::kInfo, "TLS",
      {{"certificate", config.tls_certificate_file}, {"client_ca", config.tls_client_ca_file}});
  return experimental::TlsServerCredentials(options);
}

}  // namespace tenantry::rpc
