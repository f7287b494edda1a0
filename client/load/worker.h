// A thread that keeps some connections busy: a completion queue, the calls in flight on it and
// their statistics. With a fixed rate a second thread wakes up when calls are due, since a
// completion queue cannot wait for less than a millisecond.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "client/load/calls.h"
#include "client/load/dataset.h"
#include "client/load/options.h"
#include "client/load/pace.h"
#include "client/load/stats.h"
#include "grpcpp/channel.h"
#include "grpcpp/completion_queue.h"

namespace tenantry::load {

// When things happen. Calls that are meant to start in [measure_from, measure_to) are measured.
// None starts after measure_to, with one exception: with a fixed rate, calls that could not start
// in time may start until `give_up`.
struct Timeline {
  Clock::time_point begin;
  Clock::time_point measure_from;
  Clock::time_point measure_to;
  Clock::time_point give_up;
};

class Worker {
 public:
  // This worker's part of the run. `calls_max`: measured calls at most, 0 = any number. `rate` is
  // as in Options.
  struct Share {
    int index = 0;
    std::uint64_t calls_max = 0;
    double rate = 0;
    Clock::duration offset{};  // of its timetable, so that workers take turns
  };

  Worker(const Options& options, const Dataset& dataset, const Timeline& timeline, Share share,
         const std::vector<std::shared_ptr<grpc::Channel>>& channels);
  ~Worker();

  void Start();
  // Returns when no call is in flight.
  void Join();
  // Starts no more calls.
  void Stop() { stopped_ = true; }

  // Any time, from any thread.
  std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }
  std::uint64_t errors() const { return errors_.load(std::memory_order_relaxed); }

  // After Join.
  const Stats& stats() const { return *stats_; }
  Clock::time_point last_completion() const { return last_completion_; }

 private:
  struct Slot;

  void HandleReplies();
  void KeepPace();
  void OnDone(Slot& slot);
  void RecordResult(Slot& slot, Clock::time_point now);
  void RecordUnsent();

  // Starts every call that is due and finds an idle slot. Needs the lock.
  void Dispatch();
  std::optional<Clock::time_point> NextStart(Clock::time_point now);
  void StartCall(Slot& slot, Clock::time_point intended, Clock::time_point now);
  // No call will start any more. Needs the lock.
  bool Exhausted(Clock::time_point now) const;
  bool Measured(Clock::time_point intended) const {
    return intended >= timeline_.measure_from && intended < timeline_.measure_to;
  }

  const Options& options_;
  const Timeline timeline_;
  const Share share_;

  grpc::CompletionQueue queue_;
  std::vector<Stubs> stubs_;
  std::vector<std::unique_ptr<Slot>> slots_;

  // Guards what follows: with a fixed rate both threads start calls. The first idle slot is taken
  // first, so that connections take turns.
  std::mutex mutex_;
  std::deque<Slot*> idle_;
  Choices choices_;
  std::optional<Pace> pace_;
  std::uint64_t measured_starts_ = 0;
  std::size_t in_flight_ = 0;

  const std::unique_ptr<Stats> stats_;
  Clock::time_point last_completion_{};
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> errors_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread replies_thread_;
  std::thread pace_thread_;
};

}  // namespace tenantry::load
