// A database that goes from one schema to the next by generated migrations.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/migrate/apply.h"
#include "server/migrate/generate.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {

class Evolution {
 public:
  Evolution();
  ~Evolution();

  // Generates the migration to `schema` and applies it.
  absl::StatusOr<Generated> Go(const schema::Schema& schema, const Hazards& allow = {},
                               const std::string& label = "change");
  absl::StatusOr<MigrateResult> Apply();
  MigrateOptions options() const;

  const test::Database& database() const { return *database_; }
  const std::string& directory() const { return directory_; }
  std::string UpSql(const std::string& name) const;

 private:
  std::string directory_;
  std::unique_ptr<test::Database> database_;
};

// pg_dump of everything but the schema tenantry. The columns of a table are sorted: a new one comes
// last in a table that was there before.
std::string Dump(const test::Database& database);
// The same of a database that was made from `schema` at once.
std::string FreshDump(const schema::Schema& schema);

// Every hazard that needs to be allowed.
const Hazards& AllowAll();
// All but writing a table anew: types change beside the old columns.
const Hazards& AllowOnline();

}  // namespace tenantry::migrate
