// The methods that are derived from the schema: the request becomes a plan and its values, and the
// rows become the reply's bytes.
#pragma once

#include "server/base/ids.h"
#include "server/call/left_out.h"
#include "server/call/method.h"
#include "server/call/plan_costs.h"
#include "server/codec/codec.h"
#include "server/methods/planner.h"
#include "server/schema/schema.h"

namespace tenantry::call {

// What all calls of derived methods share, beside what all calls share.
struct DerivedEnvironment {
  const methods::Planner& planner;
  IdGenerator& ids;
  codec::ReplyLimits reply_limits;
  LeftOutReport left_out;
  PlanCosts* costs = nullptr;  // null: calls may cost anything
};

inline bool IsStream(const schema::Method& method) {
  return method.descriptor->server_streaming() || method.descriptor->client_streaming();
}

// One method for each of the schema's, but streams (call/stream_methods.h). What is passed
// must outlive them.
MethodList DerivedMethods(const schema::Schema& schema, Environment& environment,
                          DerivedEnvironment& derived);

}  // namespace tenantry::call
