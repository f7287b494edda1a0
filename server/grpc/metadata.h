// A gRPC call's metadata, as identity reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "grpc/support/time.h"
#include "grpcpp/server_context.h"
#include "server/base/log.h"
#include "server/identity/identity.h"

namespace tenantry::rpc {

class Metadata final : public identity::CallContext {
 public:
  // Refers to the context and must not outlive it.
  explicit Metadata(const grpc::ServerContext& context) : metadata_(context.client_metadata()) {}

  std::optional<std::string_view> Header(std::string_view name) const override {
    auto it = metadata_.find(Ref(name));
    if (it == metadata_.end()) return std::nullopt;
    return std::string_view(it->second.data(), it->second.size());
  }

  int HeaderCount(std::string_view name) const override {
    return static_cast<int>(metadata_.count(Ref(name)));
  }

 private:
  static grpc::string_ref Ref(std::string_view name) { return {name.data(), name.size()}; }

  const std::multimap<grpc::string_ref, grpc::string_ref>& metadata_;
};

// The caller's x-request-id when it is fit for logs, a new one otherwise.
inline std::string RequestIdOf(const Metadata& metadata) {
  std::optional<std::string_view> given = metadata.Header("x-request-id");
  return given && IsValidRequestId(*given) ? std::string(*given) : MakeRequestId();
}

// Whatever a caller sends in grpc-timeout, up to 99,999,999 hours: what lies beyond the reach of a
// nanosecond clock is far away, not past, as std::chrono would have it.
inline absl::Time ToAbslTime(gpr_timespec time) {
  const gpr_timespec since_epoch = gpr_convert_clock_type(time, GPR_CLOCK_REALTIME);
  if (gpr_time_cmp(since_epoch, gpr_inf_future(GPR_CLOCK_REALTIME)) == 0) {
    return absl::InfiniteFuture();
  }
  if (gpr_time_cmp(since_epoch, gpr_inf_past(GPR_CLOCK_REALTIME)) == 0) return absl::InfinitePast();
  return absl::UnixEpoch() + absl::Seconds(since_epoch.tv_sec) +
         absl::Nanoseconds(since_epoch.tv_nsec);
}

inline absl::Time DeadlineOf(const grpc::ServerContext& context) {
  return ToAbslTime(context.raw_deadline());
}

}  // namespace tenantry::rpc
