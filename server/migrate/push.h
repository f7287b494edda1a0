// `tenantryd push`: a development database becomes like the schema at once, without a migration.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/hazard.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

struct PushOptions {
  std::string database_url;    // of the owner
  std::string migrations_dir;  // what the database may have applied before the first push
  std::string role_prefix;
  Hazards allow;
  std::function<void(const std::string& line)> progress;
};

// What has changed, a line each. FAILED_PRECONDITION unless the database says that it is for
// development, which its owner or a superuser makes it say:
//
//   ALTER DATABASE shop SET tenantry.environment = 'development'
//
// and when it is not as the last push, or its migrations, left it. The model that was pushed is
// kept in tenantry.pushed. From then on `migrate` refuses the database: its ledger does not know
// what has been pushed.
absl::StatusOr<std::vector<std::string>> Push(const schema::Schema& schema,
                                              const PushOptions& options);

}  // namespace tenantry::migrate
