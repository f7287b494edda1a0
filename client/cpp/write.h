// Writes that a server invites to be sent again.
//
// A write is never resent on a guess. A server that knows the write did not happen says so with the
// trailing metadata `grpc-retry-pushback-ms: <wait>` (gRFC A6) beside a failure such as
// RESOURCE_EXHAUSTED or UNAVAILABLE. gRPC itself honours pushback only for codes that its policy
// retries anyway, which for a write is none; hence this loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "client/cpp/caller.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace tenantry::client {

struct WriteOptions {
  Caller caller;                               // left empty where the channel knows it
  std::chrono::milliseconds deadline{10'000};  // over all attempts and waits
  int attempts_max = 3;
  // A longer invitation is declined: the caller gets the error.
  std::chrono::milliseconds pushback_max{2'000};
};

// Runs `call` once, and again as long as the server's pushback invites to and the deadline leaves
// time. Each attempt gets a fresh context. The status is the last attempt's.
grpc::Status Write(const WriteOptions& options,
                   const std::function<grpc::Status(grpc::ClientContext&)>& call);

// The wait a server asked for; nothing when it asked for none or declined a retry. Call it when the
// call has finished.
std::optional<std::chrono::milliseconds> PushbackOf(const grpc::ClientContext& context);

}  // namespace tenantry::client
