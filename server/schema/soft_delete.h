// Finds the conditions of a table that make its soft delete impossible.
#pragma once

#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// With soft delete, Delete is an UPDATE that sets the delete time. PostgreSQL refuses it when the
// caller cannot see the written row, or when the row breaks a condition on written rows. So every
// Delete fails when `deleted_at IS NULL` is the condition of a check or of a policy for SELECT or
// UPDATE. Reports each such condition.
void CheckSoftDelete(const Table& table, Reporter& reporter);

}  // namespace tenantry::schema
