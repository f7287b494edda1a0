// How a live database differs from what it should be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/apply.h"
#include "server/migrate/introspect.h"

namespace tenantry::migrate {

// The model as Introspect would read it from this database. What PostgreSQL prints in its own way
// is made in namespaces of its own, read and rolled back: `a IN (1, 2)` is compared as what
// PostgreSQL makes of it. Needs the rights of the owner, and a database that can be written to.
// FAILED_PRECONDITION with the database's words when PostgreSQL refuses something in it.
absl::StatusOr<v1::Snapshot> AsPrinted(pqxx::connection& connection, const v1::Snapshot& model);

// What PostgreSQL refuses of a model's columns, checks, conditions of indexes and policies: a line
// each, with PostgreSQL's reason. Tried in namespaces of their own and rolled back. The database is
// bootstrapped, and the login may make namespaces in it.
absl::StatusOr<std::vector<std::string>> RefusedParts(const std::string& scratch_database_url,
                                                      const v1::Snapshot& model);

// How differences are told.
struct DifferenceWords {
  const char* missing;  // behind the name of what the database lacks
  const char* extra;    // behind the name of what it has too much
  const char* wanted;   // between what it has and what it should have
};
inline constexpr DifferenceWords kInMigrations = {
    " is missing in the database", " is in the database and in no migration", ", and should be "};
inline constexpr DifferenceWords kInProtos = {" is in the protos and not in the database",
                                              " is in the database and not in the protos",
                                              ", and in the protos "};

// One line each: what is missing, what is too much, what differs. Both are from Introspect.
std::vector<std::string> Differences(const v1::Snapshot& wanted, const v1::Snapshot& live,
                                     const DifferenceWords& words = kInMigrations);

// What the migrations lead to that a database has applied; nothing without any.
absl::StatusOr<std::optional<v1::Snapshot>> AppliedModel(const std::string& directory,
                                                         const std::vector<MigrationState>& states);

struct Drift {
  // What is wrong: migrations that are not applied, edited or missing, and differences between the
  // database and what its migrations lead to.
  std::vector<std::string> findings;
  // What lives in the schema's namespaces and is none of its own (views, functions). Nothing is
  // known of it, so nothing is wrong with it.
  std::vector<std::string> strangers;
};

// Changes nothing.
absl::StatusOr<Drift> FindDrift(const MigrateOptions& options);

}  // namespace tenantry::migrate
