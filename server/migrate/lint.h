// What is allowed and yet a mistake, in a schema or in a live database.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/pg/system.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct LintFinding {
  std::string rule;    // `unindexed_foreign_key`
  std::string object;  // `saas.orders.orders_contact_id_fkey`
  std::string what;    // the sentence

  std::string ToString() const;
};

// Of a schema: foreign keys without an index, circles of NOT NULL references, too many columns,
// policies with sub-selects.
std::vector<LintFinding> LintSchema(const v1::Snapshot& model);

// Of a schema whose server refuses filters on columns that no index begins with: the columns that
// it refuses, for each table.
std::vector<LintFinding> LintFilters(const schema::Schema& schema);

// Of a database: tables without forced row-level security or policies, keys that do not begin with
// the tenant, policies for everybody, views and functions that go around the policies, sequences
// and publications that tell of other tenants, an owner for whom policies do not hold. Only what
// the schema's namespaces have.
absl::StatusOr<std::vector<LintFinding>> LintDatabase(pqxx::connection& connection,
                                                      const schema::Schema& schema,
                                                      const std::string& role_prefix);

// Leaves out what somebody has switched off, in a file with a line for each:
//
//   unindexed_foreign_key saas.orders.orders_contact_id_fkey Contacts are never deleted.
//
// `*` stands for every object. A line without a reason, or one that stands for nothing, is a
// finding of the rule `lint_exceptions`. No file is no exception.
absl::StatusOr<std::vector<LintFinding>> WithoutExceptions(std::vector<LintFinding> findings,
                                                           const std::string& path);

}  // namespace tenantry::migrate
