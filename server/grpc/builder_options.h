// Config -> how gRPC is to work.
#pragma once

#include "grpcpp/server_builder.h"
#include "server/base/config.h"

namespace tenantry::rpc {

// How many completion loops the server runs.
int ThreadsOf(const Config& config);
// The number below which client connections' descriptors must stay (Acceptor::Options), where the
// process may have `limit` files open and has `open` before the first client comes.
int DescriptorMax(const Config& config, int limit, int open);
void TuneBuilder(const Config& config, grpc::ServerBuilder& builder);

}  // namespace tenantry::rpc
