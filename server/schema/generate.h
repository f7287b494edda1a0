// The API's files on disk.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Writes the schema's derived files below `directory` (each all at once, and only where its text
// differs) and removes derived files that have no table any more. The names of what it touched, if
// asked for, go to `changed`.
absl::Status WriteGeneratedFiles(const Schema& schema, const std::string& directory,
                                 std::vector<std::string>* changed = nullptr);

// Writes all that a client needs to make code from: the API's files and those that they import, but
// for google/protobuf/*.proto, which every generator brings. Derived files that are there from
// before and are not derived any more are removed.
absl::Status WriteClientFiles(const Schema& schema, const std::string& directory,
                              std::vector<std::string>* changed = nullptr);

// Names of the derived files below `directory` that WriteGeneratedFiles would write or remove.
absl::StatusOr<std::vector<std::string>> StaleFiles(const Schema& schema,
                                                    const std::string& directory);

}  // namespace tenantry::schema
