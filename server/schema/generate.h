// The API's files on disk.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// Writes the schema's derived files below `directory`, and removes derived files that have no table
// any more. A file is written only when its text differs, and then all at once. The names of the
// files that were written or removed go to `changed`, if it is given.
absl::Status WriteGeneratedFiles(const Schema& schema, const std::string& directory,
                                 std::vector<std::string>* changed = nullptr);

// Writes all files from which a client generates code: those of the API and those that they import.
// google/protobuf/*.proto are not among them, because every generator has them. Derived files from
// an earlier run that are not derived any more are removed.
absl::Status WriteClientFiles(const Schema& schema, const std::string& directory,
                              std::vector<std::string>* changed = nullptr);

// The names of the files below `directory` that WriteGeneratedFiles would write or remove.
absl::StatusOr<std::vector<std::string>> StaleFiles(const Schema& schema,
                                                    const std::string& directory);

}  // namespace tenantry::schema
