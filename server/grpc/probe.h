// Asks a gRPC listener whether it still answers.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/net/listen_socket.h"

namespace tenantry::rpc {

// Connects as a client does and waits until HTTP/2 is spoken: gRPC must acknowledge our settings,
// or with TLS answer the handshake. `refused` tells how many connections the acceptor has closed
// since it has enough of them, which is an answer as well.
absl::Status ProbeListener(const net::ListenSocket& socket, bool tls,
                           const std::function<std::uint64_t()>& refused, absl::Time deadline);

}  // namespace tenantry::rpc
