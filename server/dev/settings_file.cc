#include "server/dev/settings_file.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace tenantry::dev {

absl::Status WriteSettingsFile(const std::string& path, const std::string& address) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  if (std::ifstream old(path); old) {
    auto parsed = nlohmann::ordered_json::parse(old, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) {
      return absl::FailedPreconditionError(absl::StrCat(path, " is not a JSON object; remove it"));
    }
    settings = std::move(parsed);
  }
  settings["server"] = address;
  nlohmann::ordered_json& tenants = settings["tenants"];
  if (!tenants.is_object()) tenants = nlohmann::ordered_json::object();
  for (const DemoTenant& tenant : kDemoTenants) tenants[tenant.name] = tenant.id;
  if (!settings.contains("user")) settings["user"] = "dev";

  std::string fresh = path + ".new";
  std::ofstream file(fresh);
  file << settings.dump(2) << "\n";
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(fresh, path, error);
  if (!file || error) return absl::InternalError(absl::StrCat(path, " cannot be written"));
  return absl::OkStatus();
}

}  // namespace tenantry::dev
