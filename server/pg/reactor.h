// epoll and an eventfd: waits for sockets, and can be woken by other threads.
#pragma once

#include <atomic>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace tenantry::pg {

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Wait reports the socket by its `tag`.
  void Add(int socket, void* tag);
  void WaitForWriting(int socket, void* tag, bool also);
  void Remove(int socket);

  // Any thread. Call it after the news itself was made visible. It costs a system call only when
  // the owner is asleep.
  void Wake();

  // Waits for at most `timeout` and calls `ready` for each socket that is ready. `has_news` is
  // asked once the owner counts as asleep. When it returns true, something has come meanwhile and
  // Wait does not wait.
  void Wait(absl::Duration timeout, absl::FunctionRef<bool()> has_news,
            absl::FunctionRef<void(void* tag)> ready);

 private:
  int epoll_, event_;
  std::atomic<bool> asleep_{false};
};

}  // namespace tenantry::pg
