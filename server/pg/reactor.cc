#include "server/pg/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace tenantry::pg {
namespace {

int TimeoutMilliseconds(absl::Duration timeout) {
  if (timeout >= absl::Hours(24)) return -1;
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1))));
}

}  // namespace

Reactor::Reactor()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  // Edge-triggered: each write wakes once, and nobody has to read the counter back.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event);
}

Reactor::~Reactor() {
  close(event_);
  close(epoll_);
}

void Reactor::Add(int socket, void* tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = tag;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void Reactor::WaitForWriting(int socket, void* tag, bool also) {
  epoll_event event{};
  event.events = also ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = tag;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
}

void Reactor::Remove(int socket) { epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr); }

void Reactor::Wake() {
  // Together with the fence in Wait: either we see the owner asleep, or it sees our news.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_relaxed)) return;
  if (!asleep_.exchange(false, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(event_, &one, sizeof(one));
}

void Reactor::Wait(absl::Duration timeout, absl::FunctionRef<bool()> has_news,
                   absl::FunctionRef<void(void* tag)> ready) {
  asleep_.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const int milliseconds = has_news() ? 0 : TimeoutMilliseconds(timeout);
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), milliseconds);
  asleep_.store(false, std::memory_order_relaxed);
  for (int i = 0; i < count; ++i) {
    if (events[i].data.ptr != nullptr) ready(events[i].data.ptr);
  }
}

}  // namespace tenantry::pg
