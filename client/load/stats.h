// What happened to the measured calls of one worker.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "client/load/histogram.h"
#include "client/load/options.h"

namespace tenantry::load {

struct MethodStats {
  Histogram latency;  // of calls that succeeded
  Histogram failed;   // of calls that failed: a server that stalls may show here alone
  std::uint64_t rows = 0;
  std::map<std::string, std::uint64_t> errors;  // "CODE" or "CODE REASON" -> calls

  void Merge(const MethodStats& other) {
    latency.Merge(other.latency);
    failed.Merge(other.failed);
    rows += other.rows;
    for (const auto& [name, count] : other.errors) errors[name] += count;
  }
};

struct Stats {
  std::array<MethodStats, kMethods> methods;
  // With a fixed rate: the time from a call's intended start to its real one. A call with a large
  // delay waited in the tester, because all streams or the machine were busy.
  Histogram start_delay;
  // Calls that ended within the measured time, whenever they began: the throughput.
  std::uint64_t completed = 0;

  void Merge(const Stats& other) {
    for (std::size_t i = 0; i < kMethods; ++i) methods[i].Merge(other.methods[i]);
    start_delay.Merge(other.start_delay);
    completed += other.completed;
  }
};

}  // namespace tenantry::load
