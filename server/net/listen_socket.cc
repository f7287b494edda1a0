#include "server/net/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tenantry::net {
namespace {

constexpr char kUnix[] = "unix:";

absl::Status CannotListen(const std::string& address, int error) {
  const char* remedy = "";
  switch (error) {
    case EADDRINUSE:
      remedy = ": another process listens there; stop it or choose another address";
      break;
    case EACCES:
    case EPERM:
      remedy = ": this user may not; a port above 1023 or another folder needs no special rights";
      break;
    case EADDRNOTAVAIL:
      remedy = ": this machine has no such address";
      break;
    case ENOENT:
      remedy = ": the folder does not exist";
      break;
    default:
      break;
  }
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address, ": ", std::strerror(error), remedy));
}

absl::Status NotAnAddress(const std::string& address) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot listen on ", address,
                   ": not an address; write host:port, with a port of 0 to 65535, or unix:path"));
}

// A socket that listens, or the error as a negative number.
int OpenSocket(const sockaddr* address, socklen_t size) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int yes = 1, no = 0;
  if (address->sa_family != AF_UNIX) {
    // Lets a server start while connections of the one before it are still being closed. Only
    // SO_REUSEPORT would let two servers share the port.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // connections inherit it
  }
  if (address->sa_family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  }
  if (bind(fd, address, size) != 0 || listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return 0;
}

// Whether a process listens on the unix socket of that name.
bool SomebodyListens(const sockaddr_un& name) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  const bool refused = connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
                       errno == ECONNREFUSED;
  close(fd);
  return !refused;
}

absl::StatusOr<Listening> ListenOnUnixSocket(const std::string& address) {
  absl::string_view path = absl::StripPrefix(address, kUnix);
  if (absl::StartsWith(path, "//")) path.remove_prefix(2);  // unix:///path
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", address,
                                                   ": the path must have 1 to ",
                                                   sizeof name.sun_path - 1, " characters"));
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  struct stat file {};
  if (lstat(name.sun_path, &file) == 0) {
    if (!S_ISSOCK(file.st_mode)) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address,
                                                 ": a file that is not a socket has this name"));
    }
    if (SomebodyListens(name)) return CannotListen(address, EADDRINUSE);
    unlink(name.sun_path);
  }
  int fd = OpenSocket(reinterpret_cast<const sockaddr*>(&name), sizeof name);
  if (fd < 0) return CannotListen(address, -fd);
  Listening listening;
  listening.sockets.emplace_back(fd, name.sun_path);
  listening.address = address;
  return listening;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<AddressList> Resolve(const std::string& address, std::string host, int port) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error == 0) return AddressList(found, freeaddrinfo);
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ",
                                             gai_strerror(error), ": the host \"", host,
                                             "\" cannot be resolved"));
}

// Where the machine has no IPv6 at all, IPv4 must do, and the other way round.
bool IsMissingFamily(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

bool IsRepeated(const addrinfo* list, const addrinfo* one) {
  for (; list != one; list = list->ai_next) {
    if (list->ai_addrlen == one->ai_addrlen &&
        std::memcmp(list->ai_addr, one->ai_addr, one->ai_addrlen) == 0) {
      return true;
    }
  }
  return false;
}

// The addresses of one name share the port that the first of them was given.
void SetPort(int port, sockaddr_storage& address) {
  auto& bits = address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port;
  bits = htons(static_cast<std::uint16_t>(port));
}

// 0, or the error's number.
int ListenOnEach(const addrinfo* list, std::vector<ListenSocket>& sockets) {
  int port = 0, missing = 0;
  for (const addrinfo* it = list; it != nullptr; it = it->ai_next) {
    if (IsRepeated(list, it)) continue;
    sockaddr_storage name{};
    std::memcpy(&name, it->ai_addr, it->ai_addrlen);
    if (port != 0) SetPort(port, name);
    int fd = OpenSocket(reinterpret_cast<const sockaddr*>(&name), it->ai_addrlen);
    if (fd < 0 && !IsMissingFamily(-fd)) return -fd;
    if (fd < 0) {
      missing = -fd;
      continue;
    }
    sockets.emplace_back(fd, "");
    port = sockets.back().port();
  }
  return sockets.empty() ? missing : 0;
}

absl::StatusOr<Listening> ListenOnPort(const std::string& address, const std::string& host,
                                       int port) {
  Listening listening;
  // One socket takes both families, where the machine has IPv6.
  const bool everywhere = host == "0.0.0.0" || host == "[::]";
  auto found = Resolve(address, everywhere ? "::" : host, port);
  if (!found.ok()) return found.status();
  int error = ListenOnEach(found->get(), listening.sockets);
  if (everywhere && IsMissingFamily(error)) {
    found = Resolve(address, "0.0.0.0", port);
    if (!found.ok()) return found.status();
    error = ListenOnEach(found->get(), listening.sockets);
  }
  if (error != 0) return CannotListen(address, error);
  listening.address = absl::StrCat(host, ":", listening.sockets.front().port());
  return listening;
}

}  // namespace

ListenSocket::ListenSocket(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
  if (!path_.empty()) lstat(path_.c_str(), &file_);
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), file_(other.file_) {}

ListenSocket::~ListenSocket() {
  if (fd_ < 0) return;
  // Only our own file: another process may have put its own there meanwhile.
  struct stat now {};
  if (!path_.empty() && lstat(path_.c_str(), &now) == 0 && now.st_ino == file_.st_ino &&
      now.st_dev == file_.st_dev) {
    unlink(path_.c_str());
  }
  close(fd_);
}

int ListenSocket::port() const {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
  return PortOf(name);
}

sockaddr_storage ListenSocket::reachable_address(socklen_t& size) const {
  sockaddr_storage name{};
  size = sizeof name;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
  if (name.ss_family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(name);
    if (v4.sin_addr.s_addr == htonl(INADDR_ANY)) v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else if (name.ss_family == AF_INET6) {
    const in6_addr all = reinterpret_cast<sockaddr_in6&>(name).sin6_addr;
    if (IN6_IS_ADDR_UNSPECIFIED(&all)) {  // it takes IPv4 too, which every loopback device has
      const int port = PortOf(name);
      name = {};
      auto& v4 = reinterpret_cast<sockaddr_in&>(name);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(static_cast<std::uint16_t>(port));
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
  }
  return name;
}

absl::StatusOr<Listening> Listen(const std::string& address) {
  if (absl::StartsWith(address, kUnix)) return ListenOnUnixSocket(address);
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return NotAnAddress(address);
  }
  return ListenOnPort(address, address.substr(0, colon), port);
}

}  // namespace tenantry::net
