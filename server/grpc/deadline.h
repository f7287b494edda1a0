// gRPC's deadlines as absl's.
#pragma once

#include "absl/time/time.h"
#include "grpc/support/time.h"

namespace tenantry::rpc {

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

}  // namespace tenantry::rpc
