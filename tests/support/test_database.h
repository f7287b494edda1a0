// Databases that hold a schema: bootstrapped and migrated, a fresh one for each test.
#pragma once

#include <memory>
#include <string>

#include "server/schema/schema.h"
#include "tests/support/postgres.h"

namespace tenantry::test {

// Tables of `schema`, no rows. The first call for a schema migrates a template, the others copy it.
std::unique_ptr<Database> CreateDatabase(const schema::Schema& schema);

// Makes the tenant's row in the schema's tenant root table, if it has one, with `name` in every
// text column that must have a value. Goes around row-level security, as superuser.
void InsertTenant(const Database& database, const schema::Schema& schema, const std::string& tenant,
                  const std::string& name = "Tenant");

// The schema in `directory`, relative to the repository (`proto/saas`); ends the process with the
// errors when it is wrong. Loaded once.
const schema::Schema& LoadSchema(const std::string& directory);

}  // namespace tenantry::test
