// A gRPC completion queue and the one thread that takes what it completes.
//
// gRPC's callback interface shares one queue between at least two threads, which hand the role of
// the poller to each other for every event. One queue for each thread is faster:
// server/decisions/004-completion-queues.md tells by how much.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"

namespace tenantry::rpc {

// An operation that gRPC completes. The object's address is the tag of the operation.
class CompletionEvent {
 public:
  // Called on the loop's thread; must not block. `ok` is false when the operation did not happen,
  // because the call has ended or the server stops.
  virtual void Complete(bool ok) = 0;

 protected:
  ~CompletionEvent() = default;
};

// A piece of work for a loop's thread.
class LoopTask {
 public:
  // Must not block. The task may delete itself.
  virtual void Run() = 0;

 protected:
  ~LoopTask() = default;

 private:
  friend class CompletionLoop;
  LoopTask* next_ = nullptr;
};

class CompletionLoop {
 public:
  // Make it before the server is built.
  explicit CompletionLoop(grpc::ServerBuilder& builder) : queue_(builder.AddCompletionQueue()) {}
  CompletionLoop(const CompletionLoop&) = delete;
  CompletionLoop& operator=(const CompletionLoop&) = delete;
  // Destroy it after grpc::Server::Shutdown. Waits until no call is left: a call may end after the
  // server has stopped, and it needs the queue until then.
  ~CompletionLoop();

  // Call it after the server was built.
  void Start();

  // Waits until nobody holds the loop. After grpc::Server::Shutdown that is when the last call that
  // gRPC has handed to us has ended.
  void AwaitLastCall() const;

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  // Gives the loop's thread an event and waits until it takes it. False: it has not by the
  // deadline. The server must not be stopped meanwhile.
  bool AwaitTurn(absl::Time deadline);

  // Runs the task: on the loop's thread when that thread is awake, after its current event; else on
  // the calling thread at once. Two threads that answer calls of one connection block each other
  // inside gRPC, which then gives the work to a third thread. To wake the loop's thread for the
  // task would cost as much. Any thread may call this, and must have returned before the loop ends.
  void RunSoon(LoopTask& task);

  // Keeps the loop alive for somebody who uses the queue, from before the first operation until
  // after the last event.
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
  // False when there is a task: the loop stays awake.
  bool FallAsleep();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<bool> asleep_{true};         // the thread waits for gRPC
  std::atomic<LoopTask*> tasks_{nullptr};  // newest first
  std::atomic<int> holds_{0};
  std::thread thread_;
};

}  // namespace tenantry::rpc
