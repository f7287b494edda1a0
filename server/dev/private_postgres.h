// A PostgreSQL server of our own: for `tenantryd dev` and for tests.
//
// It listens on a unix socket in a directory that only its user (and root) can enter, on no TCP
// port, so authentication is "trust" and still nobody else gets in. PostgreSQL refuses to run as
// root: when we are root, its programs run as the user `postgres`, or `nobody`, and own the data.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tenantry::dev {

struct PrivatePostgresOptions {
  // Kept between runs, created by initdb when absent. Empty: a temporary one, removed at the end.
  // When the unprivileged user cannot reach the path (a checkout under a 0700 home, seen as root) a
  // directory of the same name and a hash of the path is used under /var/tmp; see data_dir().
  std::string data_dir;
  // fsync on. Off for tests: fast, and worth nothing after a power cut.
  bool durable = true;
  // Further `name=value` settings of the server.
  std::vector<std::pair<std::string, std::string>> settings;
  absl::Duration start_timeout = absl::Seconds(60);
};

class PrivatePostgres {
 public:
  enum class StopMode {
    kFast,       // disconnects clients, shuts down cleanly
    kImmediate,  // as after a crash: recovery at the next start
    kKill,       // SIGKILL to the postmaster
  };

  // Runs initdb if need be, starts the server and waits until it accepts connections. The server
  // ends with the calling thread, even when that is killed, so call this from one that stays.
  static absl::StatusOr<std::unique_ptr<PrivatePostgres>> Start(
      const PrivatePostgresOptions& options);
  // Stops the server (fast); removes its socket directory and, if temporary, its data.
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  absl::Status Stop(StopMode mode = StopMode::kFast);
  // Starts a stopped server again: same data, same URLs.
  absl::Status StartAgain();
  absl::Status Restart(StopMode mode = StopMode::kFast);
  bool running();

  // libpq URI for `user` on `database`. The superuser's name is `postgres`.
  std::string Url(const std::string& user, const std::string& database) const;
  std::string SuperuserUrl(const std::string& database = "postgres") const {
    return Url("postgres", database);
  }

  const std::string& data_dir() const { return data_dir_; }
  const std::string& socket_dir() const { return socket_dir_; }
  // Full path of the socket, for a relay in front of the server.
  std::string socket_path() const;
  std::string log_path() const { return data_dir_ + "/server.log"; }
  // Directory of the server's programs: pg_dump, pgbench, psql.
  const std::string& bin_dir() const { return bin_dir_; }
  pid_t postmaster_pid() const { return pid_; }
  // True when Start found data there already.
  bool reused_data() const { return reused_data_; }

 private:
  PrivatePostgres() = default;
  absl::Status PrepareDirectories();
  absl::Status InitializeData();
  absl::Status Launch();
  absl::Status WaitReady();
  bool Reap(absl::Duration timeout);

  PrivatePostgresOptions options_;
  std::string bin_dir_;
  std::string root_dir_;  // temporary: holds the socket and, if temporary, the data
  std::string data_dir_;
  std::string socket_dir_;
  int lock_fd_ = -1;  // marks root_dir_ as in use
  bool reused_data_ = false;
  pid_t pid_ = -1;
};

// Where the server's programs are: pg_config's, else the newest of /usr/lib/postgresql.
absl::StatusOr<std::string> FindPostgresPrograms();

}  // namespace tenantry::dev
