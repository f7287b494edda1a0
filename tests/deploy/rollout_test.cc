// A roll-out: servers go and come under load, and no call fails.
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cpp/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/dev/child_process.h"
#include "tests/deploy/certificates.h"
#include "tests/deploy/free_port.h"
#include "tests/support/test_server.h"

namespace tenantry::test {
namespace {

constexpr int kCallers = 16;

// The program on a port of its own, which stays the same over its restarts.
class Instance {
 public:
  explicit Instance(const Database& database)
      : url_(database.app_url()), address_(absl::StrCat("127.0.0.1:", FreePort())) {}

  const std::string& address() const { return address_; }

  void Start() {
    const std::string ready = folder_ / "ready";
    std::filesystem::remove(ready);
    dev::ChildOptions child;
    child.argv = {absl::StrCat(std::getenv("TENANTRY_BIN_DIR"), "/tenantryd"),
                  "serve",
                  "--schema=" + SourcePath("proto"),
                  "--database-url=" + url_,
                  "--listen=" + address_,
                  "--metrics-listen=127.0.0.1:0",
                  "--drain-delay-ms=300",
                  "--ready-file=" + ready};
    child.log_path = folder_ / "log";
    child.user = {0, 0, false};
    child.signal_when_parent_dies = SIGKILL;
    pid_ = dev::StartChild(child).value();
    ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(ready); }))
        << dev::TailOf(child.log_path);
  }

  // Asks it to end; its exit status.
  int Terminate() {
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  const std::string url_, address_;
  TemporaryFolder folder_;
  pid_t pid_ = -1;
};

// Callers that read and write without a pause, over one channel to all servers.
class Load {
 public:
  Load(const std::vector<std::string>& addresses, const schema::Schema& schema, std::string tenant)
      : tenant_(std::move(tenant)) {
    client::ChannelOptions options;
    options.addresses = addresses;
    client_ = std::make_unique<DynamicClient>(client::MakeChannel(options).value(), schema);
    for (int i = 0; i < kCallers; ++i) threads_.emplace_back([this, i] { Run(i % 2 == 0); });
  }
  ~Load() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int calls() const { return calls_; }
  int written() const { return written_; }
  int failed() const { return failed_; }
  std::string first_failure() {
    absl::MutexLock lock(&mutex_);
    return first_failure_;
  }

 private:
  void Run(bool writes) {
    while (!stopping_) {
      const CallResult result =
          writes ? client_->Call("CreateContact",
                                 "contact { name: 'x' type: CONTACT_TYPE_COMPANY }", As(tenant_))
                 : client_->Call("ListContacts", "page_size: 3", As(tenant_));
      ++calls_;
      if (writes && result.ok()) ++written_;
      if (result.ok()) continue;
      absl::MutexLock lock(&mutex_);
      if (failed_++ == 0) first_failure_ = result.ToString();
    }
  }

  const std::string tenant_;
  std::unique_ptr<DynamicClient> client_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> calls_ = 0, written_ = 0, failed_ = 0;
  absl::Mutex mutex_;
  std::string first_failure_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

TEST(RolloutTest, NoCallFailsWhileServersTakeTurns) {
  const schema::Schema& schema = SharedSchema(Which::kSaas);
  auto database = CreateDatabase(schema);
  const std::string tenant = NewTenantId();
  InsertTenant(*database, schema, tenant);
  Instance first(*database), second(*database);
  ASSERT_NO_FATAL_FAILURE(first.Start());
  Load load({first.address(), second.address()}, schema, tenant);
  auto some_calls = [&] {
    const int before = load.calls();
    EXPECT_TRUE(Eventually([&] { return load.calls() > before + 500; }));
  };
  some_calls();
  for (int round = 0; round < 2; ++round) {
    ASSERT_NO_FATAL_FAILURE(second.Start());
    // Clients look for a server that was not there once a second.
    absl::SleepFor(absl::Seconds(2));
    some_calls();
    EXPECT_EQ(first.Terminate(), 0);
    some_calls();
    ASSERT_NO_FATAL_FAILURE(first.Start());
    absl::SleepFor(absl::Seconds(2));
    some_calls();
    EXPECT_EQ(second.Terminate(), 0);
    some_calls();
  }
  load.Stop();
  EXPECT_EQ(load.failed(), 0) << "of " << load.calls() << "; the first: " << load.first_failure();
  EXPECT_EQ(first.Terminate(), 0);
  std::printf("%d calls, %d of them writes\n", load.calls(), load.written());
}

}  // namespace
}  // namespace tenantry::test
