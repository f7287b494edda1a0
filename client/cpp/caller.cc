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

std::unique_ptr<grpc::ClientContext> NewContext(const Caller& caller,
                                                std::chrono::milliseconds timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + timeout);
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
