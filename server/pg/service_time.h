// What a transaction usually takes on a connection, and from when on one counts as blocked.
#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace tenantry::pg {

// Used by one thread.
class ServiceTime {
 public:
  // The first connection is up, and one round trip took this long.
  void Start(absl::Duration round_trip) { usual_ = round_trip; }

  // What was blocked says nothing about what is usual: a lock that somebody holds for minutes must
  // not make the lane patient.
  void Learn(absl::Duration taken) {
    if (taken <= blocked_after()) usual_ += (taken - usual_) / kWeight;
  }

  // A connection whose oldest transaction has been running for longer than this is blocked.
  absl::Duration blocked_after() const { return std::clamp(kPatience * usual_, kMin, kMax); }

 private:
  static constexpr int kWeight = 16;
  static constexpr int kPatience = 4;
  // On a busy machine scheduling alone can take this long.
  static constexpr absl::Duration kMin = absl::Milliseconds(25);
  static constexpr absl::Duration kMax = absl::Milliseconds(500);

  absl::Duration usual_;
};

}  // namespace tenantry::pg
