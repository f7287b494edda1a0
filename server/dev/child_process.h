// Starts programs for the private PostgreSQL, as an unprivileged user when we are root.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tenantry::dev {

// The user that PostgreSQL's programs run as: ourselves, or a system user when we are root.
struct ServiceUser {
  uid_t uid;
  gid_t gid;
  bool change;  // we are root and must become it
};
absl::StatusOr<ServiceUser> FindServiceUser();

struct ChildOptions {
  std::vector<std::string> argv;  // argv[0] is the program's path
  std::string log_path;           // receives stdout and stderr; appended
  ServiceUser user;
  int signal_when_parent_dies = 0;  // 0 = none; sent when the starting thread ends
};

// The child has a session of its own, so that a terminal's Ctrl-C does not reach it, and a small
// clean environment.
absl::StatusOr<pid_t> StartChild(const ChildOptions& options);

// Waits until the child ends. An error names the program, its exit status and the end of its log.
absl::Status RunChild(const ChildOptions& options);

// The last `bytes_max` bytes of a text file, empty when it cannot be read.
std::string TailOf(const std::string& path, std::size_t bytes_max = 2000);

// Whether `user` can reach `directory` (search permission on it and all its parents).
bool CanReach(const ServiceUser& user, const std::string& directory);

}  // namespace tenantry::dev
