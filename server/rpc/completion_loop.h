// A gRPC completion queue and the one thread that takes what it completes.
//
// Why not gRPC's callback interface: it shares one queue between at least two threads, which hand
// the role of the poller to each other for every event. What a queue for each thread saves is
// measured in server/decisions/004-completion-queues.md.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"

namespace tenantry::rpc {

// What is over: its address is the tag under which gRPC reports it.
class CompletionEvent {
 public:
  // On the loop's thread; must not block. False: it was in vain, the call is gone or the server
  // stops.
  virtual void Complete(bool ok) = 0;

 protected:
  ~CompletionEvent() = default;
};

// Something to be done on a loop's thread.
class LoopTask {
 public:
  // Must not block. The task may be gone when it returns.
  virtual void Run() = 0;

 protected:
  ~LoopTask() = default;

 private:
  friend class CompletionLoop;
  LoopTask* next_ = nullptr;
};

class CompletionLoop {
 public:
  // Before the server is built.
  explicit CompletionLoop(grpc::ServerBuilder& builder) : queue_(builder.AddCompletionQueue()) {}
  CompletionLoop(const CompletionLoop&) = delete;
  CompletionLoop& operator=(const CompletionLoop&) = delete;
  // After grpc::Server::Shutdown: waits until no call is left, since a call may end later than the
  // server that it came to, and needs the queue until then.
  ~CompletionLoop();

  // After the server was built.
  void Start();

  // Until nobody holds the loop any more: after grpc::Server::Shutdown, when the last call that
  // came to us has ended.
  void AwaitLastCall() const;

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  // From any thread: runs the task on the loop's thread if that is awake, after the event it is at,
  // else here and now. Two threads that answer calls of one connection get in each other's way
  // inside gRPC, which then hands the work to a third; waking the loop for it would cost no less.
  // The calling thread must be done with it before the loop ends.
  void RunSoon(LoopTask& task);

  // Who uses the queue holds the loop meanwhile: from before its first operation until after its
  // last event.
  class Hold {
   public:
    explicit Hold(CompletionLoop& loop) : loop_(loop) { loop_.holds_.fetch_add(1); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (loop_.holds_.fetch_sub(1) == 1) loop_.holds_.notify_all();
    }
    CompletionLoop& loop() const { return loop_; }

   private:
    CompletionLoop& loop_;
  };

 private:
  void Run();
  void RunTasks();
  // False: there is a task, and the loop stays awake.
  bool FallAsleep();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<bool> asleep_{true};         // waits for gRPC
  std::atomic<LoopTask*> tasks_{nullptr};  // newest first
  std::atomic<int> holds_{0};
  std::thread thread_;
};

}  // namespace tenantry::rpc
