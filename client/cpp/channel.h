// A channel to one or more servers that knows who is calling, retries reads and notices dead peers.
//
//   tenantry::client::ChannelOptions options;
//   options.addresses = {"127.0.0.1:7070"};
//   options.caller.tenant_id = "01920000-0000-7000-8000-00000000ac3e";
//   options.services = {"saas.crm.v1.ContactService"};
//   auto channel = tenantry::client::MakeChannel(options);
//   auto contacts = saas::crm::v1::ContactService::NewStub(*channel);
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

  // A net under calls whose context sets no deadline: they end as DEADLINE_EXCEEDED after this
  // time. The server learns of it by the cancellation; a deadline of the context (NewContext) is
  // sent to it.
  std::chrono::milliseconds call_time_max{30'000};
  RetryOptions retry;
  // Full names of the services whose reads are to be retried.
  std::vector<std::string> services;

  // A ping after this much silence while a call is waiting; the connection is closed when no answer
  // comes within the timeout. tenantryd allows a ping every 10 seconds. Zero: no pings.
  std::chrono::milliseconds keepalive_interval{30'000};
  std::chrono::milliseconds keepalive_timeout{10'000};

  // Largest reply accepted, in bytes; -1: no limit.
  int reply_bytes_max = 64 << 20;

  // With several addresses, or a name that may stand for several: leaves out servers that do not
  // serve, or soon will not.
  bool health_checks = true;

  // Its own connection, even when the process has another channel to the same address.
  bool own_connection = false;

  // TLS goes here, as CredentialsOf (client/cpp/tls.h) gives it. Null: no encryption.
  std::shared_ptr<grpc::ChannelCredentials> credentials;
};

// Connects lazily: a server that is down shows as UNAVAILABLE on the first call. INVALID_ARGUMENT
// when the addresses do not go together, NOT_FOUND when `services` names what is not linked.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options);

// The gRPC target of the addresses, as in "ipv4:10.0.0.1:7070,10.0.0.2:7070".
absl::StatusOr<std::string> TargetOf(const std::vector<std::string>& addresses);

}  // namespace tenantry::client
