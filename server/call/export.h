// Export: the rows of one statement go to the caller as they come from the database.
#pragma once

#include <memory>

#include "google/protobuf/dynamic_message.h"
#include "server/call/method.h"
#include "server/call/streamed_call.h"
#include "server/schema/schema.h"

namespace tenantry::call {

// Of a method that streams its reply. What is passed must outlive it.
std::unique_ptr<Method> MakeExportMethod(
    const schema::Method& method, std::shared_ptr<google::protobuf::DynamicMessageFactory> factory,
    Environment& environment, DerivedEnvironment& derived, StreamEnvironment& streams);

}  // namespace tenantry::call
