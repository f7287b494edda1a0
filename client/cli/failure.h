// Why a command failed, said so that a person can act on it; and the exit codes.
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

// Code, reason, message; each violation with the flag that sets its field; which table, column and
// constraint; the request id for the server's log. `shape` may be null; `server` is named when it
// cannot be reached.
void PrintError(const client::Error& error, const Shape* shape, const std::string& server,
                std::ostream& out);

}  // namespace tenantry::cli
