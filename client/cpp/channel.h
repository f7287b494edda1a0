// A channel to one or more servers that knows who is calling, retries reads and notices dead peers.
//
//   tenantry::client::ChannelOptions options;
//   options.addresses = {"127.0.0.1:7070"};
//   options.caller.tenant_id = "01920000-0000-7000-8000-00000000ac3e";
//   options.services = {"saas.v1.ContactService"};
//   auto channel = tenantry::client::MakeChannel(options);
//   auto contacts = saas::v1::ContactService::NewStub(*channel);
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/caller.h"
#include "client/cpp/service_config.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"

namespace tenantry::client {

struct ChannelOptions {
  // "host:port", "unix:/path", "/path" or a gRPC target such as "dns:///name:port". Several
  // addresses must all be IP literals or all unix sockets; calls are spread over them.
  std::vector<std::string> addresses;

  // Stamped on every call that does not carry the same header already. Empty fields are left out.
  Caller caller;
  // Gives every call an x-request-id, unless it has one.
  bool request_ids = true;

  // A call whose context sets no deadline ends with DEADLINE_EXCEEDED after this time. The server
  // does not know this limit: the call is cancelled there when it has passed. A deadline of the
  // context (NewContext) is sent to the server with the call. Streams (Export, Import) of the
  // services named below have no such limit.
  std::chrono::milliseconds call_time_max{30'000};
  RetryOptions retry;
  // Full names of the services whose reads are to be retried, and whose streams are known as such.
  std::vector<std::string> services;

  // While a call waits, the client pings a server that has been silent for this long. It closes the
  // connection when no answer comes within the timeout. tenantryd allows one ping in 10 seconds.
  // Zero: no pings.
  std::chrono::milliseconds keepalive_interval{30'000};
  std::chrono::milliseconds keepalive_timeout{10'000};

  // Largest reply accepted, in bytes; -1: no limit.
  int reply_bytes_max = 64 << 20;

  // Calls go only to servers whose health says SERVING: a server that is about to end says
  // NOT_SERVING first. This is for several addresses, and for a name, which may stand for several.
  bool health_checks = true;

  // The channel gets a connection of its own, even if the process has another channel to the same
  // address.
  bool own_connection = false;

  // For TLS: what CredentialsOf (client/cpp/tls.h) returns. Null: no encryption.
  std::shared_ptr<grpc::ChannelCredentials> credentials;
};

// Does not connect yet: when a server is down, the first call ends with UNAVAILABLE.
// INVALID_ARGUMENT when the addresses do not go together. NOT_FOUND when `services` names a service
// whose stubs are not linked into the program.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options);

// The gRPC target of the addresses, as in "ipv4:10.0.0.1:7070,10.0.0.2:7070".
absl::StatusOr<std::string> TargetOf(const std::vector<std::string>& addresses);

}  // namespace tenantry::client
