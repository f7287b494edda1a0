// What the listener shows and asks for: certificates that are read again while it serves.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"
#include "server/base/config.h"

namespace tenantry::rpc {

// For the TCP addresses; unencrypted when no certificate is set. INVALID_ARGUMENT when the files
// cannot be read or do not belong together: better no server than one that refuses every caller.
//
// The files are read again at the interval of the settings. A new pair serves connections made from
// then on; those that are open stay.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ListenerCredentials(const Config& config);

}  // namespace tenantry::rpc
