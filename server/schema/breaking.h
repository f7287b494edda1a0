// What a change of the API breaks for clients that were made for the API before it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Compares the generated files below `directory` with what the schema derives now. One line for
// each thing that breaks a client: `saas.v1.Contact.phone: is gone`. What was there and cannot be
// read is an error. Empty where nothing was generated before.
//
// Beyond the wire format these count too: names, since JSON and generated code use them; fields
// that a request must set now, or may not set any more; values that were taken and are refused now.
absl::StatusOr<std::vector<std::string>> BreakingChanges(const Schema& schema,
                                                         const std::string& directory);

}  // namespace tenantry::schema
