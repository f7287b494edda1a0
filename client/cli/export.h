// `tenantry RESOURCE export`: all rows, a line of JSON each, as they come.
#pragma once

#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/output.h"
#include "client/cli/server.h"
#include "client/cli/shape.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

struct ExportSurroundings {
  Server& server;
  const Arguments& arguments;
  bool shows_progress;
  std::ostream& out;
  std::ostream& err;
};

// Goes on by itself, a few times, where a stream breaks. The exit code of the program.
int RunExport(const Shape& shape, OutputStyle style, google::protobuf::Message& request,
              const ExportSurroundings& around);

}  // namespace tenantry::cli
