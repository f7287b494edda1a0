#include "client/cpp/settings.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"
#include "server/base/ids.h"

namespace tenantry::client {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kFileName[] = ".tenantry.json";

absl::Status Bad(const fs::path& file, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(file.string(), ": ", what));
}

// Reads one optional string member.
absl::Status ReadString(const json& document, const fs::path& file, const char* key,
                        std::string& out) {
  const auto found = document.find(key);
  if (found == document.end()) return absl::OkStatus();
  if (!found->is_string()) return Bad(file, absl::StrCat("\"", key, "\" must be a string"));
  out = found->get<std::string>();
  return absl::OkStatus();
}

absl::Status ReadServers(const json& document, const fs::path& file,
                         std::vector<std::string>& out) {
  const auto found = document.find("server");
  if (found == document.end()) return absl::OkStatus();
  if (found->is_string()) {
    out = SplitAddresses(found->get<std::string>());
    return absl::OkStatus();
  }
  const absl::Status wrong = Bad(file, "\"server\" must be an address or a list of addresses");
  if (!found->is_array()) return wrong;
  for (const json& address : *found) {
    if (!address.is_string()) return wrong;
    out.push_back(address.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadTenants(const json& document, const fs::path& file,
                         std::map<std::string, std::string>& out) {
  const auto found = document.find("tenants");
  if (found == document.end()) return absl::OkStatus();
  if (!found->is_object()) return Bad(file, "\"tenants\" must map names to UUIDs");
  for (const auto& [name, id] : found->items()) {
    if (!id.is_string() || !IsUuid(id.get<std::string>())) {
      return Bad(file, absl::StrCat("tenant \"", name, "\" must be a UUID"));
    }
    out[name] = id.get<std::string>();
  }
  return absl::OkStatus();
}

absl::Status ReadTls(const json& document, const fs::path& file, TlsOptions& out) {
  const auto found = document.find("tls");
  if (found == document.end()) return absl::OkStatus();
  if (found->is_boolean()) {
    out.enabled = found->get<bool>();
    return absl::OkStatus();
  }
  if (!found->is_object()) return Bad(file, "\"tls\" must be true, false or an object");
  out.enabled = true;
  absl::Status status = ReadString(*found, file, "ca", out.ca_file);
  status.Update(ReadString(*found, file, "certificate", out.certificate_file));
  status.Update(ReadString(*found, file, "key", out.key_file));
  return status;
}

absl::Status ReadFile(const fs::path& file, Settings& settings) {
  std::ifstream stream(file);
  if (!stream) return Bad(file, "cannot be read");
  const json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return Bad(file, "is not a JSON object");
  settings.file = file;
  if (auto status = ReadServers(document, file, settings.servers); !status.ok()) return status;
  if (auto status = ReadTenants(document, file, settings.tenants); !status.ok()) return status;
  if (auto status = ReadTls(document, file, settings.tls); !status.ok()) return status;
  if (auto status = ReadString(document, file, "tenant", settings.tenant); !status.ok()) {
    return status;
  }
  if (auto status = ReadString(document, file, "user", settings.user); !status.ok()) return status;
  return ReadString(document, file, "role", settings.role);
}

}  // namespace

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<fs::path> FindSettingsFile(const fs::path& folder, const Environment& environment) {
  if (auto named = environment("TENANTRY_CONFIG")) return fs::path(*named);
  std::error_code error;
  for (fs::path at = fs::absolute(folder, error);; at = at.parent_path()) {
    if (fs::is_regular_file(at / kFileName, error)) return at / kFileName;
    if (at == at.parent_path()) break;
  }
  fs::path base;
  if (auto config_home = environment("XDG_CONFIG_HOME")) {
    base = *config_home;
  } else if (auto home = environment("HOME")) {
    base = fs::path(*home) / ".config";
  } else {
    return std::nullopt;
  }
  const fs::path file = base / "tenantry" / "config.json";
  if (fs::is_regular_file(file, error)) return file;
  return std::nullopt;
}

absl::StatusOr<Settings> LoadSettings(const fs::path& folder, const Environment& environment) {
  Settings settings;
  if (auto file = FindSettingsFile(folder, environment)) {
    if (auto status = ReadFile(*file, settings); !status.ok()) return status;
  }
  if (auto server = environment("TENANTRY_SERVER")) settings.servers = SplitAddresses(*server);
  if (auto tenant = environment("TENANTRY_TENANT")) settings.tenant = *tenant;
  if (auto user = environment("TENANTRY_USER")) settings.user = *user;
  if (auto role = environment("TENANTRY_ROLE")) settings.role = *role;
  if (auto authorities = environment("TENANTRY_TLS_CA")) {
    settings.tls.enabled = true;
    settings.tls.ca_file = *authorities;
  }
  return settings;
}

absl::StatusOr<std::string> ResolveTenant(const Settings& settings, const std::string& tenant) {
  if (const auto found = settings.tenants.find(tenant); found != settings.tenants.end()) {
    return found->second;
  }
  if (IsUuid(tenant)) return tenant;
  std::string known;
  for (const auto& [name, id] : settings.tenants) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", name);
  }
  const std::string hint = known.empty()
                               ? absl::StrCat("no tenant names are configured (", kFileName, ")")
                               : absl::StrCat("known: ", known);
  return absl::NotFoundError(
      absl::StrCat("tenant \"", tenant, "\" is neither a UUID nor a known name; ", hint));
}

std::vector<std::string> SplitAddresses(const std::string& text) {
  return absl::StrSplit(text, ',', absl::SkipWhitespace());
}

bool IsUuid(const std::string& text) {
  std::uint8_t bytes[16];
  return ParseUuid(text, bytes);
}

}  // namespace tenantry::client
