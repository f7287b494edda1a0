// Import: the rows that a caller sends go to the database message by message.
#pragma once

#include "server/call/export.h"
#include "server/call/method.h"
#include "server/schema/schema.h"

namespace tenantry::call {

// One method for each of the schema's that takes a stream. What is passed must outlive them.
MethodList ImportMethods(const schema::Schema& schema, Environment& environment,
                         DerivedEnvironment& derived, StreamEnvironment& streams);

}  // namespace tenantry::call
