#include "client/cpp/tls.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tenantry::client {
namespace {

// Debian's place, with certificates that the administrator added.
constexpr char kSystemAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

absl::Status ReadInto(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (file && !text.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const TlsOptions& options) {
  if (!options.enabled) return nullptr;
  grpc::SslCredentialsOptions ssl;
  const std::string& authorities = options.ca_file.empty() ? kSystemAuthorities : options.ca_file;
  if (auto status = ReadInto(authorities, ssl.pem_root_certs); !status.ok()) return status;
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate needs its key, and a key its certificate");
  }
  if (!options.certificate_file.empty()) {
    auto status = ReadInto(options.certificate_file, ssl.pem_cert_chain);
    status.Update(ReadInto(options.key_file, ssl.pem_private_key));
    if (!status.ok()) return status;
  }
  return grpc::SslCredentials(ssl);
}

}  // namespace tenantry::client
