// Schema -> Snapshot: what the database must look like, spelt out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// The number of the column that is searched: no field has it.
inline constexpr int kSearchColumn = -1;

// The condition every policy carries: `"tenant_id" = tenantry.tenant_id()`.
std::string TenantCondition(const schema::Table& table);

// Grants and policies name database roles, with `role_prefix` (server/base/roles.h).
// FAILED_PRECONDITION when the schema asks for something that cannot be made safely.
absl::StatusOr<v1::Snapshot> ModelOf(const schema::Schema& schema,
                                     std::string_view role_prefix = "");

// The tenant roles that the snapshot's tables are granted to; none without a table.
std::vector<std::string> RolesOf(const v1::Snapshot& snapshot);

// The namespaces of its tables, types, views and functions, in the order of their names.
std::vector<std::string> NamespacesOf(const v1::Snapshot& snapshot);

}  // namespace tenantry::migrate
