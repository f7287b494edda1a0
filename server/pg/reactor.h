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

  // `tag` is what Wait names the socket by.
  void Add(int socket, void* tag);
  void WaitForWriting(int socket, void* tag, bool also);
  void Remove(int socket);

  // Any thread; after the news itself was made visible. Costs a system call only when the owner is
  // asleep.
  void Wake();

  // Calls `ready` for each socket that is ready, after waiting for at most `timeout`. Does not wait
  // when `has_news` says, once the owner counts as asleep, that something has come meanwhile.
  void Wait(absl::Duration timeout, absl::FunctionRef<bool()> has_news,
            absl::FunctionRef<void(void* tag)> ready);

 private:
  int epoll_, event_;
  std::atomic<bool> asleep_{false};
};

}  // namespace tenantry::pg
