// The files of sql/bootstrap, built in: a server installed alone can set a database up.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenantry::migrate {

// File name and text, in order.
const std::vector<std::pair<std::string, std::string>>& BootstrapSql();

}  // namespace tenantry::migrate
