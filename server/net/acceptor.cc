#include "server/net/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/log.h"

namespace tenantry::net {
namespace {

// How long to wait when the kernel has nothing left for a new connection.
constexpr int kPauseMs = 20;

// So that no socket waits for long while another one is flooded.
constexpr int kAtOnce = 64;

constexpr absl::Duration kLogInterval = absl::Seconds(10);

// A flood of connections must not become a flood of lines.
void LogNowAndThen(const char* event, const char* why) {
  thread_local absl::Time last = absl::InfinitePast();
  const absl::Time now = absl::Now();
  if (now - last < kLogInterval) return;
  last = now;
  Log(LogLevel::kWarn, event, {{"why", why}});
}

// Errors of accept(2) that say that the process or the machine is out of something.
bool IsExhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(std::vector<Source> sources, const Options& options)
    : sources_(std::move(sources)),
      options_(options),
      stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

Acceptor::~Acceptor() {
  const std::uint64_t one = 1;
  while (write(stop_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  thread_.join();
  close(stop_fd_);
}

void Acceptor::Run() {
  std::vector<pollfd> polled;
  std::vector<std::pair<const ListenSocket*, const Handler*>> entries;
  for (const Source& source : sources_) {
    for (const ListenSocket& socket : source.listening.sockets) {
      polled.push_back({socket.fd(), POLLIN, 0});
      entries.emplace_back(&socket, &source.handler);
    }
  }
  polled.push_back({stop_fd_, POLLIN, 0});
  while (true) {
    if (poll(polled.data(), polled.size(), -1) < 0) continue;  // interrupted
    if (polled.back().revents != 0) return;
    bool served = true;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (polled[i].revents != 0) served &= TakeAll(*entries[i].first, *entries[i].second);
    }
    if (!served) poll(&polled.back(), 1, kPauseMs);
  }
}

bool Acceptor::TakeAll(const ListenSocket& socket, const Handler& handler) {
  for (int i = 0; i < kAtOnce; ++i) {
    const int fd = accept4(socket.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Take(fd, handler);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (IsExhausted(errno)) {
      LogNowAndThen("cannot accept connections for now", std::strerror(errno));
      return false;
    }  // else the connection was lost before it was taken
  }
  return true;
}

void Acceptor::Take(int fd, const Handler& handler) {
  if (fd >= options_.descriptor_max) {
    options_.refused.Add();
    close(fd);
    LogNowAndThen("connections refused", "--connections-max or the limit of open files is reached");
    return;
  }
  options_.accepted.Add();
  handler(fd);
}

}  // namespace tenantry::net
