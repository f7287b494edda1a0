// `tenantry RESOURCE import FILE`: a row for each line of JSON, however many there are.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "client/cli/arguments.h"
#include "client/cli/request.h"
#include "client/cli/server.h"
#include "client/cli/shape.h"

namespace tenantry::cli {

struct ImportSurroundings {
  Server& server;
  const Arguments& arguments;
  const Input& input;
  bool shows_progress;
  std::ostream& out;
  std::ostream& err;
};

// `words`: what follows the method. The exit code of the program: rows that were rejected are told,
// and make it that of a refusal.
int RunImport(const Shape& shape, std::vector<std::string> words, const ImportSurroundings& around);

}  // namespace tenantry::cli
