// tenantry-load: set up, run, report.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/cpp/channel.h"
#include "client/load/dataset.h"
#include "client/load/options.h"
#include "client/load/report.h"
#include "client/load/worker.h"

namespace tenantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kSetUpFailed = 2;
constexpr int kCallsFailed = 3;

volatile std::sig_atomic_t interrupted = 0;

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

std::shared_ptr<grpc::Channel> Connect(const Options& options) {
  client::ChannelOptions channel;
  channel.addresses = options.targets;
  channel.own_connection = true;
  // A retry would hide a failure, and metadata is written once, by the worker.
  channel.retry.attempts_max = 1;
  channel.request_ids = false;
  channel.call_time_max = milliseconds(0);
  auto credentials = client::CredentialsOf(options.tls);
  if (!credentials.ok()) {
    std::cerr << "tenantry-load: " << credentials.status().message() << "\n";
    return nullptr;
  }
  channel.credentials = *credentials;
  auto made = client::MakeChannel(channel);
  if (!made.ok()) {
    std::cerr << "tenantry-load: " << made.status().message() << "\n";
    return nullptr;
  }
  return *made;
}

Timeline TimelineOf(const Options& options) {
  Timeline timeline;
  timeline.begin = Clock::now() + milliseconds(20);
  timeline.measure_from = timeline.begin + options.warm_up;
  timeline.measure_to = timeline.measure_from + options.duration;
  timeline.give_up = timeline.measure_to + options.deadline;
  return timeline;
}

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers MakeWorkers(const Options& options, const Dataset& dataset, const Timeline& timeline,
                    const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  Workers workers;
  const auto threads = static_cast<std::uint64_t>(options.threads);
  for (std::uint64_t i = 0; i < threads; ++i) {
    std::vector<std::shared_ptr<grpc::Channel>> own;
    for (std::size_t c = i; c < channels.size(); c += threads) own.push_back(channels[c]);
    Worker::Share share;
    share.index = static_cast<int>(i);
    share.calls_max = options.calls / threads + (i < options.calls % threads ? 1 : 0);
    share.rate = options.rate / options.threads;
    if (options.rate > 0) {
      share.offset = std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(static_cast<double>(i) / options.rate));
    }
    workers.push_back(std::make_unique<Worker>(options, dataset, timeline, share, own));
  }
  return workers;
}

// Shows a line each second on a terminal, over the one before; elsewhere a new line every five
// seconds.
class Progress {
 public:
  Progress(const Options& options, const Timeline& timeline, const Workers& workers)
      : quiet_(options.quiet),
        terminal_(isatty(STDERR_FILENO)),
        timeline_(timeline),
        workers_(workers),
        last_(timeline.begin) {}

  void Show(Clock::time_point now) {
    const double gap = std::chrono::duration<double>(now - last_).count();
    if (quiet_ || gap < (terminal_ ? 1 : 5)) return;
    std::uint64_t done = 0;
    std::uint64_t errors = 0;
    for (const auto& worker : workers_) {
      done += worker->done();
      errors += worker->errors();
    }
    const bool warm = now < timeline_.measure_from;
    std::cerr << absl::StrFormat("%s%4.0f s %-8s %10.0f calls/s %10d done %8d failed%s",
                                 terminal_ ? "\r" : "",
                                 std::chrono::duration<double>(now - timeline_.begin).count(),
                                 warm ? "warm-up" : "measured", (done - last_done_) / gap, done,
                                 errors, terminal_ ? "" : "\n")
              << std::flush;
    last_ = now;
    last_done_ = done;
  }

  void End() {
    if (!quiet_ && terminal_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  const bool quiet_;
  const bool terminal_;
  const Timeline& timeline_;
  const Workers& workers_;
  Clock::time_point last_;
  std::uint64_t last_done_ = 0;
};

// Waits for the workers on a thread of its own, so that this one can show progress meanwhile.
Outcome Run(const Options& options, const Timeline& timeline, Workers& workers) {
  std::atomic<bool> finished = false;
  for (auto& worker : workers) worker->Start();
  std::thread joiner([&] {
    for (auto& worker : workers) worker->Join();
    finished = true;
  });

  Progress progress(options, timeline, workers);
  double cpu_at_start = CpuSeconds();
  bool measuring = false;
  while (!finished) {
    std::this_thread::sleep_for(milliseconds(10));
    const Clock::time_point now = Clock::now();
    if (!measuring && now >= timeline.measure_from) {
      measuring = true;
      cpu_at_start = CpuSeconds();
    }
    if (interrupted) {
      for (auto& worker : workers) worker->Stop();
    }
    progress.Show(now);
  }
  joiner.join();
  progress.End();

  Outcome outcome;
  outcome.cpu_seconds = CpuSeconds() - cpu_at_start;
  outcome.interrupted = interrupted != 0;
  Clock::time_point last = timeline.measure_from;
  for (auto& worker : workers) {
    outcome.stats.Merge(worker->stats());
    last = std::max(last, worker->last_completion());
  }
  // A run that ended early, by --calls or by hand, was measured until its last reply.
  const bool early = interrupted || options.calls > 0;
  const Clock::time_point end = early ? std::min(last, timeline.measure_to) : timeline.measure_to;
  outcome.seconds = std::chrono::duration<double>(end - timeline.measure_from).count();
  return outcome;
}

int Report(const Options& options, const Outcome& outcome) {
  if (options.json == "-") {
    std::cout << JsonReport(options, outcome);
  } else {
    std::cout << TextReport(options, outcome);
    if (!options.json.empty()) {
      std::ofstream file(options.json);
      file << JsonReport(options, outcome);
      if (!file.flush()) {
        std::cerr << "tenantry-load: cannot write " << options.json << "\n";
        return kSetUpFailed;
      }
    }
  }
  return FailedCalls(outcome.stats) > 0 ? kCallsFailed : 0;
}

int Main(int argc, char** argv) {
  int exit_code = 0;
  const std::optional<Options> options = ParseOptions(argc, argv, exit_code);
  if (!options) return exit_code;

  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options->connections; ++i) {
    channels.push_back(Connect(*options));
    if (channels.back() == nullptr) return 1;
  }
  auto dataset = PrepareDataset(*options, channels.front());
  if (!dataset.ok()) {
    std::cerr << "tenantry-load: set-up failed: " << dataset.status().message() << "\n";
    return kSetUpFailed;
  }

  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  const Timeline timeline = TimelineOf(*options);
  Workers workers = MakeWorkers(*options, *dataset, timeline, channels);
  return Report(*options, Run(*options, timeline, workers));
}

}  // namespace
}  // namespace tenantry::load

int main(int argc, char** argv) { return tenantry::load::Main(argc, argv); }
