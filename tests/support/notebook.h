// The methods of tests/support/protos/written/v1/notebook.proto.
#pragma once

#include "server/call/handlers.h"

namespace tenantry::test {

inline constexpr char kNotebook[] = "written.v1.NotebookService";

void AddNotebook(call::Handlers& handlers);

}  // namespace tenantry::test
