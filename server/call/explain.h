// tenantry.v1.ExplainService: what a read would do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/call/derived.h"
#include "server/call/method.h"
#include "server/schema/schema.h"

namespace tenantry::call {

inline constexpr char kExplainService[] = "tenantry.v1.ExplainService";

// Explains the schema's reads to callers with one of these roles. What is passed must outlive it.
std::unique_ptr<Method> MakeExplainMethod(const schema::Schema& schema, Environment& environment,
                                          DerivedEnvironment& derived,
                                          std::vector<std::string> roles);

}  // namespace tenantry::call
