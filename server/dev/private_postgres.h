// A PostgreSQL server of our own: for `tenantryd dev` and for tests.
//
// It listens on no TCP port, only on a unix socket in a directory that its user and root alone can
// enter. So authentication is "trust", and still nobody else gets in. PostgreSQL refuses to run as
// root: when we are root, its programs run as the user `postgres`, or `nobody`, who owns the data.
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
  // The data are kept between runs; initdb creates them when there are none. Empty: a temporary
  // directory, which is removed at the end. The unprivileged user cannot reach every path, for
  // example none under a home directory of root's. Then a directory under /var/tmp is used, named
  // by this one's name and a hash of its path; see data_dir().
  std::string data_dir;
  // Whether fsync is on. Tests switch it off: that is fast, and loses data in a power cut.
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

  // Runs initdb where there are no data, starts the server and waits until it accepts connections.
  // The server ends with the calling thread, even when that is killed: call this from a thread that
  // lives for as long as the server should.
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
  // Whether Start, this time or before, has made the data: not those of some other PostgreSQL.
  bool made_data() const;

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
