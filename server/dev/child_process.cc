#include "server/dev/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace tenantry::dev {
namespace {

// What the child does between fork and exec. All of it is prepared before the fork: our process has
// threads, so that after it only async-signal-safe calls are allowed.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  int log_fd;
  ServiceUser user;
  int signal_when_parent_dies;
  pid_t parent;
};

[[noreturn]] void BecomeChild(const Prepared& prepared) {
  constexpr int kFailed = 127;
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, 0) < 0 || dup2(prepared.log_fd, 1) < 0 ||
      dup2(prepared.log_fd, 2) < 0) {
    _exit(kFailed);
  }
  if (chdir("/") != 0) _exit(kFailed);
  umask(077);
  if (prepared.user.change && (setgroups(0, nullptr) != 0 || setgid(prepared.user.gid) != 0 ||
                               setuid(prepared.user.uid) != 0)) {
    _exit(kFailed);
  }
  // This comes after the change of user, which clears it.
  if (prepared.signal_when_parent_dies != 0) {
    prctl(PR_SET_PDEATHSIG, prepared.signal_when_parent_dies);
    if (getppid() != prepared.parent) _exit(kFailed);
  }
  execve(prepared.argv[0], prepared.argv.data(), prepared.environment.data());
  _exit(kFailed);
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<ServiceUser> FindServiceUser() {
  if (geteuid() != 0) return ServiceUser{geteuid(), getegid(), false};
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = getpwnam(name); entry != nullptr && entry->pw_uid != 0) {
      return ServiceUser{entry->pw_uid, entry->pw_gid, true};
    }
  }
  return absl::FailedPreconditionError(
      "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as");
}

absl::StatusOr<pid_t> StartChild(const ChildOptions& options) {
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
                                          "TZ=UTC"};
  int log_fd =
      open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (log_fd < 0) {
    return absl::InternalError(absl::StrCat(options.log_path, ": ", strerror(errno)));
  }
  if (options.user.change && fchown(log_fd, options.user.uid, options.user.gid) != 0) {
    close(log_fd);
    return absl::InternalError(absl::StrCat(options.log_path, ": ", strerror(errno)));
  }
  Prepared prepared{Pointers(argv), Pointers(environment),           log_fd,
                    options.user,   options.signal_when_parent_dies, getpid()};
  pid_t pid = fork();
  if (pid == 0) BecomeChild(prepared);
  int fork_error = errno;
  close(log_fd);
  if (pid < 0) return absl::InternalError(absl::StrCat("fork: ", strerror(fork_error)));
  return pid;
}

absl::Status RunChild(const ChildOptions& options) {
  absl::StatusOr<pid_t> pid = StartChild(options);
  if (!pid.ok()) return pid.status();
  int outcome = 0;
  while (waitpid(*pid, &outcome, 0) < 0) {
    if (errno != EINTR) return absl::InternalError(absl::StrCat("waitpid: ", strerror(errno)));
  }
  if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0) return absl::OkStatus();
  std::string how = WIFEXITED(outcome) ? absl::StrCat("exit status ", WEXITSTATUS(outcome))
                                       : absl::StrCat("signal ", WTERMSIG(outcome));
  return absl::InternalError(
      absl::StrCat(options.argv[0], " failed (", how, "): ", TailOf(options.log_path)));
}

std::string TailOf(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  auto size = static_cast<std::size_t>(file.tellg());
  std::size_t wanted = std::min(size, bytes_max);
  std::string text(wanted, '\0');
  file.seekg(static_cast<std::streamoff>(size - wanted));
  file.read(text.data(), static_cast<std::streamsize>(wanted));
  return text;
}

bool CanReach(const ServiceUser& user, const std::string& directory) {
  std::filesystem::path path = std::filesystem::absolute(directory).lexically_normal();
  for (; !path.empty(); path = path.parent_path()) {
    struct stat info;
    if (stat(path.c_str(), &info) == 0) {
      mode_t needed = info.st_uid == user.uid   ? S_IXUSR
                      : info.st_gid == user.gid ? S_IXGRP
                                                : S_IXOTH;
      if ((info.st_mode & needed) == 0) return false;
    }
    if (path == path.root_path()) break;
  }
  return true;
}

}  // namespace tenantry::dev
