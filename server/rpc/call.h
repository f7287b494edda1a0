// One call of a derived method, from the bytes of the request to those of the reply.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"
#include "server/base/ids.h"
#include "server/codec/codec.h"
#include "server/identity/identity.h"
#include "server/methods/planner.h"
#include "server/pg/executor.h"
#include "server/rpc/call_metrics.h"
#include "server/rpc/left_out.h"
#include "server/rpc/raw_service.h"
#include "server/schema/schema.h"

namespace tenantry::rpc {

// What all calls of one method share.
struct MethodEntry {
  MethodEntry(const schema::Method& method, const google::protobuf::Message& prototype,
              MetricRegistry& metrics);

  const schema::Method& method;
  const google::protobuf::Message& prototype;  // of the request
  MethodMetrics metrics;
};

// What all calls share.
struct CallEnvironment {
  const identity::Authenticator& authenticator;
  const methods::Planner& planner;
  IdGenerator& ids;
  // Takes the transaction over, which deletes itself in Done. Never blocks.
  std::function<void(pg::TenantTransaction*)> submit;
  codec::ReplyLimits reply_limits;
  LeftOutReport left_out;
  StageMetrics stages;
};

// Runs one call. All stages before the database are done when it returns. The reply is made on a
// lane's thread, or at once when the call is refused.
void Handle(CallEnvironment& environment, MethodEntry& entry, UnaryCall& call);

}  // namespace tenantry::rpc
