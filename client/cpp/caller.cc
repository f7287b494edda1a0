#include "client/cpp/caller.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace tenantry::client {

void Stamp(const Caller& caller, grpc::ClientContext& context) {
  if (!caller.tenant_id.empty()) context.AddMetadata(kTenantHeader, caller.tenant_id);
  if (!caller.user_id.empty()) context.AddMetadata(kUserHeader, caller.user_id);
  if (!caller.role.empty()) context.AddMetadata(kRoleHeader, caller.role);
}

std::chrono::system_clock::time_point DeadlineAfter(std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  const system_clock::time_point now = system_clock::now();
  const auto left = std::chrono::duration_cast<milliseconds>(system_clock::time_point::max() - now);
  // gRPC takes the latest time that there is for "no deadline".
  return timeout < left ? now + timeout : system_clock::time_point::max();
}

std::unique_ptr<grpc::ClientContext> NewContext(const Caller& caller,
                                                std::chrono::milliseconds timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(DeadlineAfter(timeout));
  Stamp(caller, *context);
  return context;
}

std::string NewRequestId() {
  // Seeded once a thread: ids need to differ, not to be secret.
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  const std::uint64_t high = random();
  return absl::StrFormat("%016x%016x", high, random());
}

}  // namespace tenantry::client
