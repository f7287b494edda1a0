#include "server/dev/private_postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "server/dev/child_process.h"

namespace tenantry::dev {
namespace {

namespace fs = std::filesystem;

// The port only names the socket's file: the directory is ours alone, and there is no TCP.
constexpr int kPort = 54329;
constexpr char kTemporaryPrefix[] = "tenantry-pg-";
constexpr char kSuperuser[] = "postgres";
// A file beside the data that says that they are ours.
constexpr char kMark[] = "tenantry_private";
// A server that is about to end still holds its data directory for a moment.
constexpr absl::Duration kPredecessorWait = absl::Seconds(20);

absl::Status Failure(const std::string& what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

absl::Status ChangeOwner(const std::string& path, const ServiceUser& user) {
  if (user.change && lchown(path.c_str(), user.uid, user.gid) != 0) return Failure(path);
  return absl::OkStatus();
}

std::string ReadFirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Takes the lock that says that the directory is in use. The directory is made under another name
// first, so that a sweeper never sees it unlocked.
absl::StatusOr<int> LockDirectory(const std::string& directory) {
  std::string fresh = directory + "/lock.new";
  int fd = open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failure(fresh);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 ||
      rename(fresh.c_str(), (directory + "/lock").c_str()) != 0) {
    absl::Status status = Failure(fresh);
    close(fd);
    return status;
  }
  return fd;
}

// Removes temporary directories whose process was killed before it could.
void SweepStaleDirectories(const ServiceUser& user) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/tmp", ignored)) {
    struct stat info;
    if (!absl::StartsWith(entry.path().filename().string(), kTemporaryPrefix) ||
        lstat(entry.path().c_str(), &info) != 0 || !S_ISDIR(info.st_mode) ||
        info.st_uid != user.uid) {
      continue;
    }
    int fd = open((entry.path() / "lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
    close(fd);
  }
}

// A place under /var/tmp that stands for `wanted` and that the unprivileged user can reach.
absl::StatusOr<std::string> ReachableStandIn(const fs::path& wanted) {
  std::string parent = absl::StrCat("/var/tmp/tenantry-", geteuid(), "-",
                                    absl::Hex(std::hash<std::string>()(wanted.string())));
  if (mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return Failure(parent);
  struct stat info;
  if (lstat(parent.c_str(), &info) != 0) return Failure(parent);
  // Anybody can create a directory of this name in /var/tmp: only one that is ours is used.
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(parent, " is not a directory of ours; remove it"));
  }
  if (chmod(parent.c_str(), 0755) != 0) return Failure(parent);
  return absl::StrCat(parent, "/", wanted.filename().string());
}

bool IsPredecessorEnding(const std::string& log) {
  return absl::StrContains(log, "lock file") ||
         absl::StrContains(log, "pre-existing shared memory block");
}

}  // namespace

absl::StatusOr<std::string> FindPostgresPrograms() {
  std::vector<fs::path> candidates;
  if (FILE* pipe = popen("pg_config --bindir 2>/dev/null", "re")) {
    char line[512];
    if (fgets(line, sizeof line, pipe) != nullptr) {
      candidates.emplace_back(std::string(absl::StripAsciiWhitespace(line)));
    }
    pclose(pipe);
  }
  std::error_code ignored;
  int newest = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) && version > newest &&
        fs::exists(entry.path() / "bin/postgres", ignored)) {
      newest = version;
    }
  }
  candidates.push_back(absl::StrCat("/usr/lib/postgresql/", newest, "/bin"));
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate / "postgres", ignored) && fs::exists(candidate / "initdb", ignored)) {
      return candidate.string();
    }
  }
  return absl::NotFoundError(
      "PostgreSQL's programs (initdb, postgres) were not found; run deploy/install-deps.sh");
}

absl::StatusOr<std::unique_ptr<PrivatePostgres>> PrivatePostgres::Start(
    const PrivatePostgresOptions& options) {
  std::unique_ptr<PrivatePostgres> server(new PrivatePostgres);
  server->options_ = options;
  absl::StatusOr<std::string> programs = FindPostgresPrograms();
  if (!programs.ok()) return programs.status();
  server->bin_dir_ = *programs;
  if (absl::Status status = server->PrepareDirectories(); !status.ok()) return status;
  if (absl::Status status = server->InitializeData(); !status.ok()) return status;
  if (absl::Status status = server->StartAgain(); !status.ok()) return status;
  return server;
}

PrivatePostgres::~PrivatePostgres() {
  if (absl::Status status = Stop(); !status.ok()) Stop(StopMode::kKill).IgnoreError();
  std::error_code ignored;
  if (!root_dir_.empty()) fs::remove_all(root_dir_, ignored);
  if (lock_fd_ >= 0) close(lock_fd_);
}

absl::Status PrivatePostgres::PrepareDirectories() {
  absl::StatusOr<ServiceUser> user = FindServiceUser();
  if (!user.ok()) return user.status();
  SweepStaleDirectories(*user);

  // In /tmp whatever $TMPDIR says: a socket's path has at most 107 bytes.
  std::string name = absl::StrCat("/tmp/", kTemporaryPrefix, "XXXXXX");
  if (mkdtemp(name.data()) == nullptr) return Failure(name);
  root_dir_ = name;
  absl::StatusOr<int> lock = LockDirectory(root_dir_);
  if (!lock.ok()) return lock.status();
  lock_fd_ = *lock;
  if (absl::Status status = ChangeOwner(root_dir_, *user); !status.ok()) return status;
  socket_dir_ = root_dir_;
  if (options_.data_dir.empty()) {
    data_dir_ = root_dir_ + "/data";
    return absl::OkStatus();
  }

  fs::path wanted = fs::absolute(options_.data_dir).lexically_normal();
  std::error_code error;
  fs::create_directories(wanted.parent_path(), error);
  if (error) return absl::InternalError(absl::StrCat(wanted.string(), ": ", error.message()));
  data_dir_ = wanted.string();
  if (!CanReach(*user, wanted.parent_path().string())) {
    absl::StatusOr<std::string> stand_in = ReachableStandIn(wanted);
    if (!stand_in.ok()) return stand_in.status();
    data_dir_ = *stand_in;
  }
  return absl::OkStatus();
}

absl::Status PrivatePostgres::InitializeData() {
  absl::StatusOr<ServiceUser> user = FindServiceUser();
  if (!user.ok()) return user.status();
  std::error_code error;
  struct stat info;
  if (stat(data_dir_.c_str(), &info) == 0 && info.st_uid != user->uid &&
      !fs::is_empty(data_dir_, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(data_dir_, " belongs to another user; remove it, or choose another place"));
  }
  if (std::string version = ReadFirstLine(data_dir_ + "/PG_VERSION"); !version.empty()) {
    reused_data_ = true;
    return absl::OkStatus();
  }
  // initdb works beside the directory's place and its result is then renamed, so that an
  // interrupted run leaves nothing half-made in that place.
  std::string fresh = data_dir_ + ".new";
  fs::remove_all(fresh, error);
  if (mkdir(fresh.c_str(), 0700) != 0) return Failure(fresh);
  if (absl::Status status = ChangeOwner(fresh, *user); !status.ok()) return status;
  ChildOptions initdb;
  initdb.argv = {bin_dir_ + "/initdb", "--pgdata=" + fresh, absl::StrCat("--username=", kSuperuser),
                 "--auth=trust",       "--encoding=UTF8",   "--locale=C.UTF-8",
                 "--no-instructions"};
  if (!options_.durable) initdb.argv.push_back("--no-sync");
  initdb.log_path = root_dir_ + "/initdb.log";
  initdb.user = *user;
  if (absl::Status status = RunChild(initdb); !status.ok()) return status;
  const std::string mark = absl::StrCat(fresh, "/", kMark);
  std::ofstream(mark) << "Made by tenantryd.\n";
  if (absl::Status status = ChangeOwner(mark, *user); !status.ok()) return status;
  if (rename(fresh.c_str(), data_dir_.c_str()) != 0) return Failure(data_dir_);
  return absl::OkStatus();
}

bool PrivatePostgres::made_data() const {
  std::error_code ignored;
  return fs::exists(absl::StrCat(data_dir_, "/", kMark), ignored);
}

absl::Status PrivatePostgres::StartAgain() {
  if (running()) return absl::OkStatus();
  absl::Time give_up = absl::Now() + kPredecessorWait;
  while (true) {
    if (absl::Status status = Launch(); !status.ok()) return status;
    absl::Status status = WaitReady();
    if (status.ok()) return status;
    Stop(StopMode::kKill).IgnoreError();
    if (!IsPredecessorEnding(status.ToString()) || absl::Now() > give_up) return status;
    absl::SleepFor(absl::Milliseconds(200));
  }
}

absl::Status PrivatePostgres::Launch() {
  absl::StatusOr<ServiceUser> user = FindServiceUser();
  if (!user.ok()) return user.status();
  if (socket_path().size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InternalError(absl::StrCat("socket path too long: ", socket_path()));
  }
  std::vector<std::pair<std::string, std::string>> settings = {
      {"listen_addresses", ""},
      {"port", absl::StrCat(kPort)},
      {"unix_socket_directories", socket_dir_},
      {"unix_socket_permissions", "0700"},
      {"logging_collector", "off"},
      {"log_line_prefix", "%m [%p] %u@%d "},
      {"timezone", "UTC"},
  };
  if (!options_.durable) {
    for (const char* name : {"fsync", "full_page_writes"}) settings.emplace_back(name, "off");
  }
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());

  ChildOptions server;
  server.argv = {bin_dir_ + "/postgres", "-D", data_dir_};
  for (const auto& [name, value] : settings) {
    server.argv.push_back("-c");
    server.argv.push_back(absl::StrCat(name, "=", value));
  }
  server.log_path = log_path();
  server.user = *user;
  server.signal_when_parent_dies = SIGINT;  // fast shutdown
  // Only this run's part of the log is of interest when it fails.
  if (truncate(log_path().c_str(), 0) != 0 && errno != ENOENT) return Failure(log_path());
  absl::StatusOr<pid_t> pid = StartChild(server);
  if (!pid.ok()) return pid.status();
  pid_ = *pid;
  return absl::OkStatus();
}

// The postmaster writes "ready" into the eighth line of its pid file, which is what pg_ctl reads.
absl::Status PrivatePostgres::WaitReady() {
  absl::Time give_up = absl::Now() + options_.start_timeout;
  while (absl::Now() < give_up) {
    std::ifstream file(data_dir_ + "/postmaster.pid");
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    if (lines.size() >= 8 && lines[0] == absl::StrCat(pid_) &&
        absl::StartsWith(lines[7], "ready")) {
      return absl::OkStatus();
    }
    if (Reap(absl::ZeroDuration())) {
      return absl::InternalError(absl::StrCat("PostgreSQL did not start: ", TailOf(log_path())));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError(
      absl::StrCat("PostgreSQL was not ready in time: ", TailOf(log_path())));
}

bool PrivatePostgres::running() { return pid_ > 0 && !Reap(absl::ZeroDuration()); }

// True when the postmaster is gone.
bool PrivatePostgres::Reap(absl::Duration timeout) {
  absl::Time give_up = absl::Now() + timeout;
  while (pid_ > 0) {
    pid_t reaped = waitpid(pid_, nullptr, WNOHANG);
    if (reaped == pid_ || (reaped < 0 && errno == ECHILD)) {
      pid_ = -1;
      break;
    }
    if (absl::Now() >= give_up) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

absl::Status PrivatePostgres::Stop(StopMode mode) {
  if (!running()) return absl::OkStatus();
  int number = mode == StopMode::kFast ? SIGINT : mode == StopMode::kImmediate ? SIGQUIT : SIGKILL;
  if (kill(pid_, number) != 0) return Failure("stopping PostgreSQL");
  if (!Reap(absl::Seconds(30))) return absl::DeadlineExceededError("PostgreSQL did not stop");
  return absl::OkStatus();
}

absl::Status PrivatePostgres::Restart(StopMode mode) {
  if (absl::Status status = Stop(mode); !status.ok()) return status;
  return StartAgain();
}

std::string PrivatePostgres::Url(const std::string& user, const std::string& database) const {
  return absl::StrCat("postgresql:///", database, "?host=", socket_dir_, "&port=", kPort,
                      "&user=", user);
}

std::string PrivatePostgres::socket_path() const {
  return absl::StrCat(socket_dir_, "/.s.PGSQL.", kPort);
}

}  // namespace tenantry::dev
