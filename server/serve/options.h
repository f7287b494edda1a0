// Config -> the options of each part.
#pragma once

#include "grpcpp/server_builder.h"
#include "server/base/config.h"
#include "server/codec/codec.h"
#include "server/identity/identity.h"
#include "server/methods/planner.h"
#include "server/pg/executor.h"

namespace tenantry::serve {

identity::MetadataAuthenticator::Options AuthenticatorOptionsOf(const Config& config);
codec::ReplyLimits ReplyLimitsOf(const Config& config);
methods::PlannerOptions PlannerOptionsOf(const Config& config);
pg::ExecutorOptions ExecutorOptionsOf(const Config& config);
// How many completion loops the server runs.
int ThreadsOf(const Config& config);
// The number below which client connections' descriptors must stay (Acceptor::Options), where the
// process may have `limit` files open and has `open` before the first client comes.
int DescriptorMax(const Config& config, int limit, int open);
void TuneBuilder(const Config& config, grpc::ServerBuilder& builder);

}  // namespace tenantry::serve
