// Writes `.tenantry.json`, where clients find the server and the tenants by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace tenantry::dev {

struct DemoTenant {
  const char* name;
  const char* id;
};

// The tenants of sql/demo/demo.sql.
inline constexpr DemoTenant kDemoTenants[] = {
    {"acme", "01920000-0000-7000-8000-00000000ac3e"},
    {"globex", "01920000-0000-7000-8000-0000000061b0"},
    {"initech", "01920000-0000-7000-8000-0000000171ec"},
};

// Sets the server's address and the demo tenants' names. Whatever else such a file says is kept.
absl::Status WriteSettingsFile(const std::string& path, const std::string& address);

}  // namespace tenantry::dev
