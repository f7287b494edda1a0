#include "tests/e2e/program.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "tests/support/test_server.h"

namespace tenantry::e2e {

Program::Program(const test::Database& database, std::map<std::string, std::string> environment,
                 int open_files_max)
    : ready_file_(absl::StrCat(::testing::TempDir(), "/tenantryd-ready-", getpid(), "-",
                               absl::ToUnixMicros(absl::Now()))) {
  environment.insert({{"TENANTRY_DATABASE_URL", database.app_url()},
                      {"TENANTRY_SCHEMA", test::SourcePath("proto")},
                      {"TENANTRY_LISTEN", "127.0.0.1:0"},
                      {"TENANTRY_METRICS_LISTEN", "127.0.0.1:0"},
                      {"TENANTRY_READY_FILE", ready_file_},
                      {"TENANTRY_LOG_LEVEL", "error"}});
  pid_ = fork();
  if (pid_ == 0) {
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    if (open_files_max > 0) {
      const auto files = static_cast<rlim_t>(open_files_max);
      const rlimit limit{files, files};
      setrlimit(RLIMIT_NOFILE, &limit);
    }
    const char* folder = std::getenv("TENANTRY_BIN_DIR");
    const std::string path = absl::StrCat(folder ? folder : "bin", "/tenantryd");
    std::freopen("/dev/null", "w", stdout);
    execl(path.c_str(), path.c_str(), "serve", nullptr);
    std::perror(path.c_str());
    _exit(127);
  }
  EXPECT_TRUE(test::Eventually([this] { return std::ifstream(ready_file_).good(); }));
  std::ifstream file(ready_file_);
  ready_ = nlohmann::json::parse(file, nullptr, false);
  EXPECT_FALSE(ready_.is_discarded());
}

Program::~Program() {
  if (pid_ > 0 && !exited_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::remove(ready_file_.c_str());
}

std::shared_ptr<grpc::Channel> Program::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
}

std::size_t Program::PeakRssBytes() const {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/status"));
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

void Program::Signal(int number) { kill(pid_, number); }

std::optional<int> Program::Wait() {
  int status = 0;
  exited_ = test::Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; });
  if (!exited_) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tenantry::e2e
