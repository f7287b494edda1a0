// What a change of the API breaks for clients that were made for the API before it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Compares the generated files below `directory` with what the schema derives now. Each thing that
// breaks a client is a line: `saas.v1.Contact.phone: is gone`. There is no line when nothing was
// generated before. A generated file that cannot be read is an error.
//
// More than the wire format counts. Names do, because JSON and generated code use them. So do
// fields that a request must set now or may not set any more, and values that were accepted and are
// refused now.
absl::StatusOr<std::vector<std::string>> BreakingChanges(const Schema& schema,
                                                         const std::string& directory);

}  // namespace tenantry::schema
