// Names of the database's roles.
//
// Roles belong to a whole PostgreSQL cluster, which may have roles of these names already. So every
// name can be given a prefix, the setting `role-prefix`. Callers and the schema language know the
// plain names alone: `x-user-role: admin` is the database role `crm_admin` where the prefix is
// `crm_`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenantry {

inline constexpr std::string_view kOwnerRole = "tenantry_owner";  // owns the tables
inline constexpr std::string_view kAppRole = "tenantry_app";      // the server's login
// What a transaction runs as; grants and policies name them.
inline constexpr std::string_view kTenantRoles[] = {"authenticated", "support", "admin"};

inline std::string DatabaseRole(std::string_view prefix, std::string_view role) {
  return std::string(prefix).append(role);
}

// The database roles of kTenantRoles.
inline std::vector<std::string> TenantRoles(std::string_view prefix) {
  std::vector<std::string> roles;
  for (std::string_view role : kTenantRoles) roles.push_back(DatabaseRole(prefix, role));
  return roles;
}

}  // namespace tenantry
