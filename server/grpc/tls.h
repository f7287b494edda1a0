// The listener's certificate and the authorities that it trusts, read again while it serves.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"
#include "server/base/config.h"

namespace tenantry::rpc {

// The credentials for TCP addresses; without encryption when no certificate is set.
// INVALID_ARGUMENT when the files cannot be read or do not belong together: a server that refuses
// every client should not start.
//
// The files are read again at the interval that the settings say. A new pair is used for
// connections that are made afterwards; open connections stay as they are.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ListenerCredentials(const Config& config);

}  // namespace tenantry::rpc
