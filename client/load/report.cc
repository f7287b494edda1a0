#include "client/load/report.h"

#include <chrono>
#include <ratio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

namespace tenantry::load {
namespace {

using Json = nlohmann::ordered_json;
using Ns = Histogram::Duration;

double Ms(Ns value) { return std::chrono::duration<double, std::milli>(value).count(); }
double Us(Ns value) { return std::chrono::duration<double, std::micro>(value).count(); }

MethodStats Total(const Stats& stats) {
  MethodStats all;
  for (const MethodStats& method : stats.methods) all.Merge(method);
  return all;
}

double CpuPerThousand(const Outcome& outcome) {
  return outcome.stats.completed == 0 ? 0 : outcome.cpu_seconds * 1000 / outcome.stats.completed;
}

std::string Mode(const Options& options) {
  if (options.rate <= 0) return "closed loop";
  return absl::StrFormat("%g calls/s%s", options.rate, options.poisson ? ", random gaps" : "");
}

std::string Line(const std::string& name, const MethodStats& method, const std::string& rate) {
  const Histogram& latency = method.latency;
  return absl::StrFormat("%-13s%10d%11s%9d%10.3f%10.3f%10.3f%10.3f%10.3f\n", name,
                         latency.count() + method.failed.count(), rate, method.failed.count(),
                         Ms(latency.At(0.5)), Ms(latency.At(0.9)), Ms(latency.At(0.99)),
                         Ms(latency.At(0.999)), Ms(latency.max()));
}

Json Latency(const Histogram& histogram) {
  return {{"count", histogram.count()},      {"min", Us(histogram.min())},
          {"mean", Us(histogram.Mean())},    {"p50", Us(histogram.At(0.5))},
          {"p90", Us(histogram.At(0.9))},    {"p99", Us(histogram.At(0.99))},
          {"p999", Us(histogram.At(0.999))}, {"max", Us(histogram.max())}};
}

Json MethodJson(const MethodStats& method) {
  Json json = {{"calls", method.latency.count() + method.failed.count()},
               {"failed", method.failed.count()},
               {"rows", method.rows},
               {"latency_us", Latency(method.latency)},
               {"errors", Json::object()}};
  if (method.failed.count() > 0) json["failed_latency_us"] = Latency(method.failed);
  for (const auto& [name, count] : method.errors) json["errors"][name] = count;
  return json;
}

}  // namespace

std::uint64_t FailedCalls(const Stats& stats) { return Total(stats).failed.count(); }

std::string TextReport(const Options& options, const Outcome& outcome) {
  const MethodStats all = Total(outcome.stats);
  std::string text = absl::StrFormat(
      "%s, %s, %d connections x %d streams, %d tenants, mix %s, seed %d\n%.1f s measured%s\n\n",
      absl::StrJoin(options.targets, ","), Mode(options), options.connections, options.streams,
      options.tenants.size(), options.mix.ToString(), options.seed, outcome.seconds,
      outcome.interrupted ? " (interrupted)" : "");
  absl::StrAppend(&text,
                  absl::StrFormat("%-13s%10s%11s%9s%10s%10s%10s%10s%10s\n", "milliseconds", "calls",
                                  "calls/s", "failed", "p50", "p90", "p99", "p99.9", "max"));
  for (std::size_t i = 0; i < kMethods; ++i) {
    const MethodStats& method = outcome.stats.methods[i];
    if (method.latency.count() + method.failed.count() == 0) continue;
    absl::StrAppend(&text, Line(NameOf(static_cast<Method>(i)), method, ""));
  }
  const double rate = outcome.seconds > 0 ? outcome.stats.completed / outcome.seconds : 0;
  absl::StrAppend(&text, Line("all", all, absl::StrFormat("%.1f", rate)));
  if (!all.errors.empty()) {
    absl::StrAppend(&text, "\nfailures\n");
    for (const auto& [name, count] : all.errors) {
      absl::StrAppend(&text, absl::StrFormat("%13d  %s\n", count, name));
    }
    absl::StrAppend(&text, absl::StrFormat("  failed calls took p50 %.3f, max %.3f ms\n",
                                           Ms(all.failed.At(0.5)), Ms(all.failed.max())));
  }
  if (options.rate > 0) {
    const Histogram& delay = outcome.stats.start_delay;
    absl::StrAppend(&text, absl::StrFormat("\nstarted late by p50 %.3f, p99 %.3f, max %.3f ms "
                                           "(counted in the latencies)\n",
                                           Ms(delay.At(0.5)), Ms(delay.At(0.99)), Ms(delay.max())));
  }
  absl::StrAppend(&text,
                  absl::StrFormat("\nthe tester itself: %.2f s CPU, %.4f s per 1,000 calls\n",
                                  outcome.cpu_seconds, CpuPerThousand(outcome)));
  return text;
}

std::string JsonReport(const Options& options, const Outcome& outcome) {
  Json json = {
      {"target", absl::StrJoin(options.targets, ",")},
      {"mode", options.rate > 0 ? "fixed rate" : "closed loop"},
      {"rate", options.rate},
      {"connections", options.connections},
      {"streams", options.streams},
      {"threads", options.threads},
      {"mix", options.mix.ToString()},
      {"tenants", options.tenants.size()},
      {"rows", options.rows},
      {"seed", options.seed},
      {"seconds", outcome.seconds},
      {"interrupted", outcome.interrupted},
      {"calls", outcome.stats.completed},
      {"calls_per_second", outcome.seconds > 0 ? outcome.stats.completed / outcome.seconds : 0},
      {"failed", FailedCalls(outcome.stats)},
      {"cpu_seconds", outcome.cpu_seconds},
      {"cpu_seconds_per_1000_calls", CpuPerThousand(outcome)},
      {"methods", Json::object()},
      {"all", MethodJson(Total(outcome.stats))}};
  for (std::size_t i = 0; i < kMethods; ++i) {
    const MethodStats& method = outcome.stats.methods[i];
    if (method.latency.count() + method.failed.count() == 0) continue;
    json["methods"][NameOf(static_cast<Method>(i))] = MethodJson(method);
  }
  if (options.rate > 0) json["start_delay_us"] = Latency(outcome.stats.start_delay);
  return json.dump(2) + "\n";
}

}  // namespace tenantry::load
