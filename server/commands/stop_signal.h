// SIGTERM and SIGINT as something to wait for.
#pragma once

namespace tenantry {

// The first signal ends Wait(), the second ends the process at once. A process has one of these at
// a time.
// The signals are handled, not blocked, so that child processes start with them as usual.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // The signal's number.
  int Wait();
};

}  // namespace tenantry
