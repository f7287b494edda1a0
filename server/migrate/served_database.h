// What a server does with its database beside serving: it checks it, and clears old requests.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/migrate/guard.h"
#include "server/pg/system.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

class ServedDatabase {
 public:
  // `role_prefix`: server/base/roles.h.
  ServedDatabase(const schema::Schema& schema, const std::string& role_prefix);

  // As DatabaseGuard::Verify. A database that is safe is rid of the requests that nobody can send
  // again (sql/bootstrap/clear_requests.sql), once an hour. When that fails the log has the cause,
  // and the next hour tries again. Thread-safe.
  absl::Status Verify(pqxx::connection& connection) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool TakeTurn() ABSL_LOCKS_EXCLUDED(mutex_);

  DatabaseGuard guard_;
  const std::string role_;  // that may call functions of the schema tenantry
  absl::Mutex mutex_;
  absl::Time next_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace tenantry::migrate
