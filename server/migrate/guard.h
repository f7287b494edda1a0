// What must hold in the database before a single call is served.
#pragma once

#include "absl/status/status.h"
#include "server/pg/system.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

// Checks, as the server's own login on its own connection:
//   - the login: no superuser, no BYPASSRLS, inherits nothing, owns nothing, has no right on a
//   table;
//     the same for what it may become, save that those have table rights, and that it may become
//     every tenant role;
//   - tenantry.tenant_id() is the one that sql/bootstrap makes;
//   - each table: there, row-level security enabled and forced, for each tenant role a policy, and
//   no
//     permissive policy that lacks the tenant condition; its columns with their types;
//   - no other table in the same namespaces that a tenant role can read without row-level security.
//
// FAILED_PRECONDITION with every finding, one per line: text for an operator, not for a caller. The
// catalog is read in one repeatable-read transaction.
absl::Status VerifyDatabase(pqxx::connection& connection, const schema::Schema& schema);

}  // namespace tenantry::migrate
