// `tenantryd pull`: the schema of a database that is there already, as annotated protos.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/introspect.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

struct PullOptions {
  // Who may read the catalog and make namespaces: what is made is rolled back.
  std::string database_url;
  // Empty: all but those of PostgreSQL, of tenantry and of extensions.
  std::vector<std::string> namespaces;
  std::string tenant_column = "tenant_id";
  std::string role_prefix;
  // Where the protos go. Numbers of those that are there already are kept.
  std::string out;
  // Files there that have another text are written anew. What was added to them by hand is lost.
  bool overwrite = false;
};

struct Pulled {
  std::vector<std::string> written;  // files, below `out`
  // What the protos do not say, or say in another way than the database: a line each. Nothing else
  // differs.
  std::vector<std::string> differences;
  // SQL that brings the database nearer to the protos: a tenant column for each table without one,
  // and names that a schema can have.
  std::vector<std::string> plans;
};

// Writes the protos and compares what they make with the database. FAILED_PRECONDITION when nothing
// can be made of it, or when files would be lost.
absl::StatusOr<Pulled> Pull(const PullOptions& options);

// The text of the protos by their names, relative to the schema's directory. `known` may be null:
// the schema whose numbers are kept.
std::vector<std::pair<std::string, std::string>> ProtosOf(const LiveModel& live,
                                                          const std::string& tenant_column,
                                                          const std::string& role_prefix,
                                                          const schema::Schema* known);

}  // namespace tenantry::migrate
