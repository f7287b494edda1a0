// Help texts, written from what the server says about itself.
#pragma once

#include <string>

#include "client/cli/catalog.h"

namespace tenantry::cli {

// `tenantry --help`; `catalog` is null when no server answered.
std::string GeneralHelp(const Catalog* catalog);

// `tenantry contact --help`.
std::string ResourceHelp(const Resource& resource);

// `tenantry contact create --help`.
std::string MethodHelp(const Resource& resource, const Method& method);

// `tenantry describe contact`: fields, keys and relations; for a service without a table, its
// methods.
std::string Description(const Resource& resource);

}  // namespace tenantry::cli
