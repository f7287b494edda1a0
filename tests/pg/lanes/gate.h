// A relay before Postgres that breaks connections on demand: TCP on one side, the server's unix
// socket on the other.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tenantry::test {

class Gate {
 public:
  explicit Gate(std::string server_socket);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  std::string Url(const std::string& user, const std::string& database) const;
  int port() const { return port_; }

  // Everything passes (as at first), also what was held.
  void Open();
  // Connections stay, new ones are accepted, and nothing passes: a dead network without a word.
  void Stall();
  // As Stall, but a connection's start-up passes, up to the server's first "ready".
  void StallAfterStartup();
  // The server gets what clients say, the clients do not get its answers.
  void HoldAnswers();
  // New connections are closed at once.
  void Refuse();
  // The connection over which the n-th byte from now on passes, in either direction, is closed
  // behind that byte.
  void CutAfter(std::int64_t bytes);
  // Whether that has not happened yet.
  bool to_be_cut() const;
  // Closes every connection now, whatever is under way.
  void BreakAll();

  int accepted() const;

 private:
  enum class Mode { kOpen, kStall, kStallAfterStartup, kHoldAnswers, kRefuse };
  struct Pair {
    int client, server;
    std::string to_client, to_server;  // read and not yet passed on
    bool started = false;              // the server was ready once
    bool dead = false;
  };

  void Set(Mode mode);
  void Run();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Silent(const Pair& pair) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Pass(int fd, std::string* buffer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Relay(Pair& pair) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseDead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string server_socket_;
  int port_ = 0;
  int listener_ = -1;
  mutable absl::Mutex mutex_;
  Mode mode_ ABSL_GUARDED_BY(mutex_) = Mode::kOpen;
  std::int64_t bytes_left_ ABSL_GUARDED_BY(mutex_) = -1;  // until a cut; -1: there is none to come
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Pair> pairs_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tenantry::test
