// Completion of commands in a shell.
#pragma once

#include <string>
#include <vector>

#include "client/cli/catalog.h"

namespace tenantry::cli {

std::string BashCompletionScript();

// What the last of `words` may become. `catalog` is null when no server answers: then the list has
// only what this program knows by itself.
std::vector<std::string> Completions(const Catalog* catalog, const std::vector<std::string>& words);

}  // namespace tenantry::cli
