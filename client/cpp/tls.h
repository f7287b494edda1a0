// Encryption to the server, and proof of who is at either end.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/credentials.h"

namespace tenantry::client {

struct TlsOptions {
  // Without it connections are not encrypted.
  bool enabled = false;
  // PEM file of the authorities that may have signed the server's certificate; empty: those that
  // the system trusts.
  std::string ca_file;
  // The client's own certificate, for servers that ask for one: PEM files, both or none.
  std::string certificate_file;
  std::string key_file;
};

// Null when TLS is not enabled. The files are read now. INVALID_ARGUMENT names the one that cannot
// be read.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const TlsOptions& options);

}  // namespace tenantry::client
