// tenantry.v1.SessionService: who is calling, as the database sees it.
#pragma once

#include "server/call/handlers.h"

namespace tenantry::call {

void AddSessionService(Handlers& handlers);

}  // namespace tenantry::call
