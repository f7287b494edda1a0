// Writes that are sent again.
//
// A write with a request_id may be sent again whatever became of it: the server does it once
// (WriteOnce). Any other write is never sent again on a guess (Write). A server that knows that a
// write did not happen says so with the trailing metadata `grpc-retry-pushback-ms: <wait>` (gRFC
// A6) beside a failure such as RESOURCE_EXHAUSTED or UNAVAILABLE. gRPC's own retries look at this
// metadata only for the codes of the retry policy, and writes have no retry policy. So the loop is
// here.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "client/cpp/caller.h"
#include "google/protobuf/message.h"
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

// Gives the request a new request_id where it has none. False: its message has no such field.
bool NameRequest(google::protobuf::Message& request);

// How long to wait before a write with a request_id is sent again, after its attempt number
// `attempt` (the first is 1) has ended so; nothing when another attempt would end alike. Longer
// each time, with jitter.
std::optional<std::chrono::milliseconds> WaitToRepeat(const grpc::Status& status, int attempt);

// Names `request` (NameRequest) and runs `call`, and runs it again for as long as that may help,
// also when nobody knows whether it has happened. `call` sends `request`. Without a field for the
// id it is as Write.
grpc::Status WriteOnce(const WriteOptions& options, google::protobuf::Message& request,
                       const std::function<grpc::Status(grpc::ClientContext&)>& call);

// The wait that the server asked for; nothing when it did not ask, or asked not to try again. Only
// for a call that has finished.
std::optional<std::chrono::milliseconds> PushbackOf(const grpc::ClientContext& context);

}  // namespace tenantry::client
