// Where a client program finds its server and its tenants when flags do not say so.
//
// They are in a file: the one that $TENANTRY_CONFIG names, else `.tenantry.json` in the current
// folder or the nearest folder above it, else ~/.config/tenantry/config.json:
//
//   {"server": "unix:/run/tenantry.sock", "tenants": {"acme": "01920000-..."}, "user": "ada",
//    "role": "support", "tenant": "acme"}
//
// `server` may be a list of addresses. `tls` is true, or {"ca": FILE, "certificate": FILE, "key":
// FILE} with any of these members. The environment wins over the file: TENANTRY_SERVER,
// TENANTRY_TENANT, TENANTRY_USER, TENANTRY_ROLE, TENANTRY_TLS_CA. A program's own flags win over
// both.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/tls.h"

namespace tenantry::client {

struct Settings {
  std::vector<std::string> servers;
  std::map<std::string, std::string> tenants;  // name -> UUID
  std::string tenant;                          // a name in `tenants` or a UUID; may be empty
  std::string user;
  std::string role;
  TlsOptions tls;
  std::filesystem::path file;  // where it was read from; empty when there is none
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own environment.
std::optional<std::string> ProcessEnvironment(const std::string& name);

// The file that LoadSettings reads, if there is one.
std::optional<std::filesystem::path> FindSettingsFile(const std::filesystem::path& folder,
                                                      const Environment& environment);

// INVALID_ARGUMENT, with the file's name, for a file that cannot be read or understood. No file is
// no error.
absl::StatusOr<Settings> LoadSettings(const std::filesystem::path& folder,
                                      const Environment& environment);

// A tenant's UUID from its name or from itself; NOT_FOUND lists the names known.
absl::StatusOr<std::string> ResolveTenant(const Settings& settings, const std::string& tenant);

// "a,b" -> {"a", "b"}: how flags and the environment write several addresses.
std::vector<std::string> SplitAddresses(const std::string& text);

// The form 8-4-4-4-12 in hexadecimal digits.
bool IsUuid(const std::string& text);

}  // namespace tenantry::client
