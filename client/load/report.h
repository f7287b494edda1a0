// The outcome of a run, for people and for programs.
#pragma once

#include <cstdint>
#include <string>

#include "client/load/options.h"
#include "client/load/stats.h"

namespace tenantry::load {

struct Outcome {
  Stats stats;
  double seconds = 0;      // measured time: completions are counted over it
  double cpu_seconds = 0;  // the tester's own, user and system, over the measured time
  bool interrupted = false;
};

// Calls that failed, over all methods.
std::uint64_t FailedCalls(const Stats& stats);

// Milliseconds in a table, one line for each method that was called and one for all.
std::string TextReport(const Options& options, const Outcome& outcome);

// One JSON object; latencies in microseconds. Members: target, mode, rate, connections, streams,
// threads, mix, tenants, rows, seed, seconds, calls, calls_per_second, failed, cpu_seconds,
// cpu_seconds_per_1000_calls, methods {<name>: {calls, failed, rows, latency_us {count, min, mean,
// p50, p90, p99, p999, max}, failed_latency_us, errors}}, all {latency_us, ...}, start_delay_us.
std::string JsonReport(const Options& options, const Outcome& outcome);

}  // namespace tenantry::load
