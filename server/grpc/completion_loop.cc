#include "server/grpc/completion_loop.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "grpcpp/alarm.h"

namespace tenantry::rpc {
namespace {

// An event that is due at once. Deletes itself when it has come.
class Turn final : private CompletionEvent {
 public:
  Turn(CompletionLoop& loop, std::shared_ptr<absl::Notification> came)
      : hold_(loop), came_(std::move(came)) {
    CompletionEvent* tag = this;
    alarm_.Set(loop.queue(), std::chrono::system_clock::now(), tag);
  }

 private:
  void Complete(bool) override {
    came_->Notify();
    delete this;
  }

  const CompletionLoop::Hold hold_;
  const std::shared_ptr<absl::Notification> came_;
  grpc::Alarm alarm_;
};

}  // namespace

CompletionLoop::~CompletionLoop() {
  AwaitLastCall();
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Run();  // gRPC wants the queue to be emptied even so
  }
}

void CompletionLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CompletionLoop::AwaitLastCall() const {
  for (int left = holds_; left > 0; left = holds_) holds_.wait(left);
}

bool CompletionLoop::AwaitTurn(absl::Time deadline) {
  auto came = std::make_shared<absl::Notification>();
  new Turn(*this, came);
  return came->WaitForNotificationWithDeadline(deadline);
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
  // Pairs with the fence in RunSoon: we see the task, or the thread that added it sees us asleep.
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
    LoopTask* later = oldest->next_;  // Run may delete the task
    oldest->Run();
    oldest = later;
  }
}

}  // namespace tenantry::rpc
