// Conditions of a table that make its soft delete impossible.
#pragma once

#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// With soft delete, Delete is an UPDATE that sets the delete time. PostgreSQL refuses it when the
// row as written is out of sight for the caller, or breaks a condition on written rows. So a policy
// for SELECT or UPDATE, or a check, that says `deleted_at IS NULL` makes every Delete fail. Reports
// each such condition.
void CheckSoftDelete(const Table& table, Reporter& reporter);

}  // namespace tenantry::schema
