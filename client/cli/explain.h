// What a read does, for people: `tenantry contact list --where type=company --explain`.
#pragma once

#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/server.h"
#include "client/cli/shape.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// Asks about a read by its request, and shows each statement with the tree of its plan. The exit
// code of the program.
int RunExplain(const Shape& shape, const google::protobuf::Message& request, Server& server,
               const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace tenantry::cli
