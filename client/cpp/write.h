// Writes that are sent again when the server asks for it.
//
// A write is never sent again on a guess. A server that knows that a write did not happen says so
// with the trailing metadata `grpc-retry-pushback-ms: <wait>` (gRFC A6) beside a failure such as
// RESOURCE_EXHAUSTED or UNAVAILABLE. gRPC's own retries look at this metadata only for the codes of
// the retry policy, and writes have no retry policy. So the loop is here.
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
  // When the server asks for a longer wait than this, the caller gets the error instead.
  std::chrono::milliseconds pushback_max{2'000};
};

// Runs `call`, and runs it again while the server asks for that and the deadline leaves time. Each
// attempt gets a fresh context. The returned status is that of the last attempt.
grpc::Status Write(const WriteOptions& options,
                   const std::function<grpc::Status(grpc::ClientContext&)>& call);

// The wait that the server asked for; nothing when it did not ask, or asked not to try again. Only
// for a call that has finished.
std::optional<std::chrono::milliseconds> PushbackOf(const grpc::ClientContext& context);

}  // namespace tenantry::client
