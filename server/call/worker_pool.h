// A few threads for work that blocks, with a bounded queue.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tenantry::call {

class WorkerPool {
 public:
  WorkerPool(int threads, int queue_max);
  // Finishes the work in the queue first.
  ~WorkerPool();

  // False when the queue is full; `work` is then not run.
  bool TryRun(std::function<void()> work);

 private:
  void Loop();

  const std::size_t queue_max_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace tenantry::call
