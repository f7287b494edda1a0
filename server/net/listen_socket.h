// Sockets that wait for connections, for gRPC and for HTTP alike.
//
// gRPC could open its own, but then nobody learns why an address cannot be taken, and a listener of
// gRPC 1.51 never accepts again once the process has run out of file descriptors.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tenantry::net {

// One listening socket, closed with the object. The file of a unix socket goes with it.
class ListenSocket {
 public:
  ListenSocket(int fd, std::string path);
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();

  int fd() const { return fd_; }
  // 0 for a unix socket.
  int port() const;
  // An address under which this process reaches the socket: loopback where it listens on all.
  sockaddr_storage reachable_address(socklen_t& size) const;

 private:
  int fd_;
  std::string path_;  // of a unix socket
  struct stat file_ {};
};

struct Listening {
  std::vector<ListenSocket> sockets;  // a name may stand for several addresses
  std::string address;                // as it was given, with the port that was taken
};

// `address` is `host:port`, `[v6]:port` or `unix:path`. Port 0 takes a free one. The hosts 0.0.0.0
// and [::] both stand for all addresses of the machine.
//
// Never shares an address with another process: neither a port nor the file of a unix socket. A
// file that a process left behind is replaced. INVALID_ARGUMENT: not an address. UNAVAILABLE: the
// reason and the remedy.
absl::StatusOr<Listening> Listen(const std::string& address);

}  // namespace tenantry::net
