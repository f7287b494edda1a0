// The .proto files that every API shares.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenantry::schema {

// File name -> text: the files that APIs import, and those of the errors that calls end with. They
// are part of the program.
const std::vector<std::pair<std::string, std::string>>& SharedProtos();

}  // namespace tenantry::schema
