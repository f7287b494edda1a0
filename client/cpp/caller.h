// Who a call is made for, and how that travels: as metadata of the call.
//
//   x-tenant-id    UUID of the tenant; a server refuses a call without it
//   x-user-id      free text, at most 255 printable bytes; optional
//   x-user-role    authenticated, support or admin; empty = the server's default
//   x-request-id   names the call in the server's log and in the metadata of an error
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "grpcpp/client_context.h"

namespace tenantry::client {

struct Caller {
  std::string tenant_id;
  std::string user_id;
  std::string role;
};

// Writes the caller's headers into one call. This is for a program that calls for many tenants over
// one channel. A program of one tenant names it once, in ChannelOptions.
void Stamp(const Caller& caller, grpc::ClientContext& context);

// `timeout` from now; the end of the clock, which gRPC takes for "no deadline", when that is later.
std::chrono::system_clock::time_point DeadlineAfter(std::chrono::milliseconds timeout);

// A context for one call, with the caller's headers and a deadline. The server is told the deadline
// and stops working on the call when it has passed.
std::unique_ptr<grpc::ClientContext> NewContext(const Caller& caller,
                                                std::chrono::milliseconds timeout);

// A fresh id for x-request-id: 32 random hexadecimal digits.
std::string NewRequestId();

inline constexpr char kTenantHeader[] = "x-tenant-id";
inline constexpr char kUserHeader[] = "x-user-id";
inline constexpr char kRoleHeader[] = "x-user-role";
inline constexpr char kRequestHeader[] = "x-request-id";

}  // namespace tenantry::client
