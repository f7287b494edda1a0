// tenantry.v1.SessionService, a service that is written by hand and uses an interactive
// transaction.
#pragma once

#include "server/call/method.h"
#include "server/call/worker_pool.h"
#include "server/pg/interactive.h"

namespace tenantry::call {

inline constexpr char kSession[] = "tenantry.v1.SessionService";

// What is passed must outlive the methods.
MethodList SessionMethods(Environment& environment, pg::InteractiveRunner& runner,
                          WorkerPool& workers);

}  // namespace tenantry::call
