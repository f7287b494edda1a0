// One call of a derived method, from the bytes of the request to those of the reply.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"
#include "server/base/ids.h"
#include "server/call/call_metrics.h"
#include "server/call/left_out.h"
#include "server/codec/codec.h"
#include "server/grpc/raw_service.h"
#include "server/identity/identity.h"
#include "server/methods/planner.h"
#include "server/pg/executor.h"
#include "server/schema/schema.h"

namespace tenantry::rpc {

// What all calls of one method share.
struct MethodEntry {
  MethodEntry(const schema::Method& method, const google::protobuf::Message& prototype,
              MetricRegistry& metrics);

  const schema::Method& method;
  const google::protobuf::Message& prototype;  // of the request
  call::MethodMetrics metrics;
};

// What all calls share.
struct CallEnvironment {
  const identity::Authenticator& authenticator;
  const methods::Planner& planner;
  IdGenerator& ids;
  // Takes the transaction over, which deletes itself in Done. Never blocks.
  std::function<void(pg::TenantTransaction*)> submit;
  codec::ReplyLimits reply_limits;
  call::LeftOutReport left_out;
  call::StageMetrics stages;
};

// Runs one call. All stages before the database are done when it returns. The reply is made on a
// lane's thread, or at once when the call is refused.
void Handle(CallEnvironment& environment, MethodEntry& entry, UnaryCall& call);

}  // namespace tenantry::rpc
