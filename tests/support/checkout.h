// The method of tests/support/protos/written/v1/checkout.proto.
#pragma once

#include "server/call/handlers.h"

namespace tenantry::test {

void AddCheckout(call::Handlers& handlers);

}  // namespace tenantry::test
