// Schema -> Snapshot: what the database must look like, spelt out.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// The roles that tenant transactions take; sql/bootstrap makes them.
const std::vector<std::string>& TenantRoles();

// The condition every policy carries: `"tenant_id" = tenantry.tenant_id()`.
std::string TenantCondition(const schema::Table& table);

// FAILED_PRECONDITION when the schema asks for something that cannot be made safely.
absl::StatusOr<v1::Snapshot> ModelOf(const schema::Schema& schema);

}  // namespace tenantry::migrate
