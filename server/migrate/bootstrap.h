// `tenantryd migrate --bootstrap`: what a database and its cluster need before the first migration.
//
// The roles (server/base/roles.h), who may do what in the database, the schema `tenantry` with its
// functions and the ledger (sql/bootstrap). Roles belong to the whole cluster, in which others
// live:
//
//   - every effect is found out first and told before anything is done; a dry run stops there;
//   - the roles that it makes are marked by a comment on them. A role of the same name without the
//     mark is somebody else's, and is refused;
//   - what PUBLIC may do in the database is touched only when told so: another application may
//     live by it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tenantry::migrate {

struct BootstrapOptions {
  // A superuser, or the database's owner with CREATEROLE.
  std::string database_url;
  std::string role_prefix;
  // Set on the login roles when not empty.
  std::string app_password;
  std::string owner_password;
  // Database roles that exist, and that Tenantry may use all the same. Their attributes must be
  // right already; they are not altered.
  std::vector<std::string> adopt_roles = {};
  // Take what PUBLIC may do in the database and in its schema public.
  bool revoke_public = false;
  // Only find out and tell.
  bool dry_run = false;
  // Told each effect, before the first of them happens; and what is left alone that one may want to
  // know. For a terminal.
  std::function<void(const std::string& line)> progress = nullptr;
};

// The effects, in plain words: done, or found out by a dry run. None when all is there already.
// FAILED_PRECONDITION says everything that stands in the way, one per line, and nothing was done.
absl::StatusOr<std::vector<std::string>> Bootstrap(const BootstrapOptions& options);

}  // namespace tenantry::migrate
