// Takes connections from listening sockets and hands them over.
//
// A thread of its own, since it must outlive every lack of file descriptors: gRPC's listeners of
// 1.51 stop for good at the first EMFILE (on_read in src/core/lib/iomgr/tcp_server_posix.cc).
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "server/base/metrics.h"
#include "server/net/listen_socket.h"

namespace tenantry::net {

class Acceptor {
 public:
  // Takes over the connection: closing it is its business. On the acceptor's thread.
  using Handler = std::function<void(int fd)>;
  struct Source {
    Listening listening;
    Handler handler;
  };
  struct Options {
    // A connection whose descriptor would have this number or a higher one is closed at once. The
    // kernel gives the lowest free number, so that many are open then, and as many as this is below
    // the process's limit are left for the database and for everything else.
    int descriptor_max = std::numeric_limits<int>::max();
    Counter& accepted;
    Counter& refused;
  };

  Acceptor(std::vector<Source> sources, const Options& options);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  // Accepts nothing more and closes the sockets.
  ~Acceptor();

  const std::vector<Source>& sources() const { return sources_; }

 private:
  void Run();
  // Takes what waits at one socket. False: there is no descriptor or memory for a connection now.
  bool TakeAll(const ListenSocket& socket, const Handler& handler);
  void Take(int fd, const Handler& handler);

  std::vector<Source> sources_;
  const Options options_;
  int stop_fd_;
  std::thread thread_;
};

}  // namespace tenantry::net
