// The methods that stream their reply or their request: Export and Import.
#pragma once

#include "server/call/method.h"
#include "server/call/streamed_call.h"
#include "server/schema/schema.h"

namespace tenantry::call {

// One method for each of the schema's that is a stream. What is passed must outlive them.
MethodList StreamMethods(const schema::Schema& schema, Environment& environment,
                         DerivedEnvironment& derived, StreamEnvironment& streams);

}  // namespace tenantry::call
