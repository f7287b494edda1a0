// A live database as a model.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/pg/system.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// Tables and enum types of the namespaces, read from pg_catalog, with what their namespaces hold
// that no schema of ours would make.
struct LiveModel {
  v1::Snapshot model;
  // `view saas.active_contacts`, `trigger t on saas.contacts`, ...
  std::vector<std::string> strangers;
  // What an interrupted migration leaves: indexes that are not valid, constraints that are not
  // validated.
  std::vector<std::string> unfinished;
};

// Names and expressions are as PostgreSQL prints them, and numbers are unknown: two models that are
// to be compared must both come from here. The transaction needs no more than to read the catalog;
// its search path is set to pg_catalog.
LiveModel Introspect(pqxx::transaction_base& tx, const std::vector<std::string>& namespaces);

}  // namespace tenantry::migrate
