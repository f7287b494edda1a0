#include "server/rpc/completion_loop.h"

namespace tenantry::rpc {

CompletionLoop::~CompletionLoop() {
  AwaitLastCall();
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Run();  // a queue must be emptied all the same
  }
}

void CompletionLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CompletionLoop::AwaitLastCall() const {
  for (int left = holds_; left > 0; left = holds_) holds_.wait(left);
}

void CompletionLoop::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (true) {
    while (!FallAsleep()) RunTasks();
    if (!queue_->Next(&tag, &ok)) return;
    asleep_.store(false, std::memory_order_relaxed);
    static_cast<CompletionEvent*>(tag)->Complete(ok);
  }
}

bool CompletionLoop::FallAsleep() {
  asleep_.store(true, std::memory_order_relaxed);
  // Pairs with the fence in RunSoon: either we see the task, or its owner sees us asleep.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (tasks_.load(std::memory_order_relaxed) == nullptr) return true;
  asleep_.store(false, std::memory_order_relaxed);
  return false;
}

void CompletionLoop::RunSoon(LoopTask& task) {
  if (asleep_.load(std::memory_order_relaxed)) return task.Run();
  LoopTask* newest = tasks_.load(std::memory_order_relaxed);
  do {
    task.next_ = newest;
  } while (!tasks_.compare_exchange_weak(newest, &task, std::memory_order_release,
                                         std::memory_order_relaxed));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_relaxed)) RunTasks();
}

void CompletionLoop::RunTasks() {
  LoopTask* oldest = nullptr;
  for (LoopTask* task = tasks_.exchange(nullptr, std::memory_order_acquire); task != nullptr;) {
    LoopTask* earlier = task->next_;
    task->next_ = oldest;
    oldest = task;
    task = earlier;
  }
  while (oldest != nullptr) {
    LoopTask* later = oldest->next_;  // the task goes with its run
    oldest->Run();
    oldest = later;
  }
}

}  // namespace tenantry::rpc
