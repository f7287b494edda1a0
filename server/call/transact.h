// tenantry.v1.TransactService: requests of several standard methods in one transaction.
#pragma once

#include <memory>

#include "server/call/derived.h"
#include "server/call/method.h"
#include "server/schema/schema.h"

namespace tenantry::call {

inline constexpr char kTransactService[] = "tenantry.v1.TransactService";

// `steps_max`: of one call. What is passed must outlive it.
std::unique_ptr<Method> MakeTransactMethod(const schema::Schema& schema, Environment& environment,
                                           DerivedEnvironment& derived, int steps_max);

}  // namespace tenantry::call
