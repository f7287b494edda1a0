// The gRPC service config of a channel: which methods are retried, and how long a call may take.
//
// Reads, which are the methods declared `idempotency_level = NO_SIDE_EFFECTS`, are retried on
// UNAVAILABLE or CANCELLED with exponential back-off (gRFC A6). Writes are not retried: a write
// whose reply was lost may have happened. write.h is for writes of which the server says that they
// did not.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::client {

struct RetryOptions {
  // Attempts in all, the first included; gRPC allows 2 to 5. 1 switches retries off.
  int attempts_max = 4;
  std::chrono::milliseconds backoff_first{50};
  std::chrono::milliseconds backoff_max{1000};
  double backoff_multiplier = 2;
};

struct ServiceConfigOptions {
  RetryOptions retry;
  // A call ends after this time, or at the deadline of its context if that is earlier. The server
  // is not told this time. Zero: no limit. Streams have none.
  std::chrono::milliseconds call_time_max{0};
  // Spreads calls over all addresses instead of using the first that answers.
  bool round_robin = false;
  // Each server is asked whether it serves, and calls go only to those that do. A server says that
  // it will end some time before it does (drain-delay-ms), so no call is lost.
  bool health_checks = false;
};

// JSON for grpc::ChannelArguments::SetServiceConfigJSON.
std::string ServiceConfigJson(
    const ServiceConfigOptions& options,
    const std::vector<const google::protobuf::ServiceDescriptor*>& services);

// Services by full name from the stubs that are linked into the program; NOT_FOUND names all that
// are not.
absl::StatusOr<std::vector<const google::protobuf::ServiceDescriptor*>> LinkedServices(
    const std::vector<std::string>& full_names);

}  // namespace tenantry::client
