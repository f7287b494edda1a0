// Tells a person why a command failed and what to do about it; and the exit codes.
#pragma once

#include <ostream>
#include <string>

#include "client/cli/shape.h"
#include "client/cpp/error.h"

namespace tenantry::cli {

inline constexpr int kDone = 0;
inline constexpr int kUsage = 1;        // the command line, the settings or the data are wrong
inline constexpr int kRefused = 2;      // the server refused the call
inline constexpr int kUnreachable = 3;  // no server, or no answer in time

// 2 for an answer, 3 for none.
int ExitCodeOf(grpc::StatusCode code);

// Prints code, reason and message, each violation with the flag that sets its field, the table,
// column and constraint, and the request id to look for in the server's log. `shape` may be null.
// `server` is printed when it cannot be reached.
void PrintError(const client::Error& error, const Shape* shape, const std::string& server,
                std::ostream& out);

}  // namespace tenantry::cli
