// What must hold in the database before a single call is served.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/pg/system.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

// Checks, as the server's own login on its own connection:
//   - the database: its encoding is UTF-8;
//   - the login: no superuser, no BYPASSRLS; it inherits nothing, owns nothing and has no right on
//     a table. The same holds for what it may become, save that those have rights on tables, and it
//     may become every tenant role;
//   - tenantry.tenant_id() is the one that sql/bootstrap makes;
//   - each table: it is there, row-level security is enabled and forced, each tenant role has a
//     policy, and no permissive policy lacks the tenant condition;
//   - each column and enum type holds what the server writes and gives what the server can read
//     (column_fit.h). More than that is fine: migrations come before the servers that need them;
//   - each view is there, runs with its caller's rights, and has columns that the server can read;
//   - no other table or view in the same namespaces can be read by a tenant role without row-level
//     security, or with the rights of its owner.
// What an extension owns is the extension's business, and so is what PostgreSQL itself owns.
//
// FAILED_PRECONDITION names every cause, one per line, for an operator, not for a caller. The
// catalog is read in one repeatable-read transaction.
//
// One guard is for many connections: the verdict is kept for as long as nothing changes in the part
// of the catalog that it depends on, which one query finds out. Thread-safe.
class DatabaseGuard {
 public:
  // `role_prefix`: server/base/roles.h.
  explicit DatabaseGuard(const schema::Schema& schema, std::string role_prefix = "");

  absl::Status Verify(pqxx::connection& connection) ABSL_LOCKS_EXCLUDED(mutex_);
  // How often the catalog was read in full.
  int full_reads() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const schema::Schema& schema_;
  const std::string role_prefix_;
  mutable absl::Mutex mutex_;
  std::string fingerprint_ ABSL_GUARDED_BY(mutex_);  // of the catalog that verdict_ is about
  absl::Status verdict_ ABSL_GUARDED_BY(mutex_);
  int full_reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tenantry::migrate
