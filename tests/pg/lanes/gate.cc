#include "tests/pg/lanes/gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/time/clock.h"

namespace tenantry::test {
namespace {

// ReadyForQuery, outside a transaction.
const std::string kReady("Z\0\0\0\5I", 6);

int ListenOnLoopback(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  listen(fd, 64);
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin_port);
  return fd;
}

int ConnectTo(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

// False: the other side is gone.
bool ReadInto(int fd, std::string* buffer) {
  char bytes[16384];
  const ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
  if (n > 0) buffer->append(bytes, n);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool WriteFrom(int fd, std::string* buffer) {
  if (buffer->empty()) return true;
  const ssize_t n = send(fd, buffer->data(), buffer->size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0) buffer->erase(0, n);
  return n > 0 || errno == EAGAIN || errno == EINTR;
}

}  // namespace

Gate::Gate(std::string server_socket)
    : server_socket_(std::move(server_socket)),
      listener_(ListenOnLoopback(&port_)),
      thread_([this] { Run(); }) {}

Gate::~Gate() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  BreakAll();
  close(listener_);
}

std::string Gate::Url(const std::string& user, const std::string& database) const {
  return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database +
         "?sslmode=disable&gssencmode=disable";
}

void Gate::Open() { Set(Mode::kOpen); }
void Gate::Stall() { Set(Mode::kStall); }
void Gate::StallAfterStartup() { Set(Mode::kStallAfterStartup); }
void Gate::HoldAnswers() { Set(Mode::kHoldAnswers); }
void Gate::Refuse() { Set(Mode::kRefuse); }

void Gate::CutAfter(std::int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  bytes_left_ = bytes;
}

bool Gate::to_be_cut() const {
  absl::MutexLock lock(&mutex_);
  return bytes_left_ >= 0;
}

void Gate::Set(Mode mode) {
  absl::MutexLock lock(&mutex_);
  mode_ = mode;
}

void Gate::BreakAll() {
  absl::MutexLock lock(&mutex_);
  for (Pair& pair : pairs_) pair.dead = true;
  CloseDead();
}

int Gate::accepted() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}

// Looks at everything each millisecond: simple, and quick enough for a test.
void Gate::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      Accept();
      for (Pair& pair : pairs_) Relay(pair);
      CloseDead();
    }
    absl::SleepFor(absl::Milliseconds(1));
  }
}

void Gate::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = mode_ == Mode::kRefuse ? -1 : ConnectTo(server_socket_);
    if (server < 0) {
      close(client);
      continue;
    }
    ++accepted_;
    pairs_.push_back({client, server, "", "", false, false});
  }
}

bool Gate::Silent(const Pair& pair) const {
  if (mode_ == Mode::kStallAfterStartup) return pair.started && pair.to_client.empty();
  return mode_ == Mode::kStall;
}

bool Gate::Pass(int fd, std::string* buffer) {
  if (bytes_left_ < 0 || buffer->empty()) return WriteFrom(fd, buffer);
  std::string part = buffer->substr(0, static_cast<std::size_t>(bytes_left_));
  const std::size_t before = part.size();
  const bool passes = WriteFrom(fd, &part);
  buffer->erase(0, before - part.size());
  bytes_left_ -= static_cast<std::int64_t>(before - part.size());
  if (bytes_left_ > 0) return passes;
  bytes_left_ = -1;
  return false;
}

void Gate::Relay(Pair& pair) {
  if (Silent(pair)) return;
  const bool client_lives = ReadInto(pair.client, &pair.to_server);
  const bool server_lives = ReadInto(pair.server, &pair.to_client);
  pair.started = pair.started || pair.to_client.find(kReady) != std::string::npos;
  bool passes = Pass(pair.server, &pair.to_server);
  if (mode_ != Mode::kHoldAnswers) passes = passes && Pass(pair.client, &pair.to_client);
  const bool held = mode_ == Mode::kHoldAnswers && !pair.to_client.empty();
  pair.dead = !client_lives || (!held && (!server_lives || !passes));
}

void Gate::CloseDead() {
  for (const Pair& pair : pairs_) {
    if (!pair.dead) continue;
    close(pair.client);
    close(pair.server);
  }
  pairs_.erase(std::remove_if(pairs_.begin(), pairs_.end(), [](const Pair& p) { return p.dead; }),
               pairs_.end());
}

}  // namespace tenantry::test
