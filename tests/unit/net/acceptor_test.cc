#include "server/net/acceptor.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/base/open_files.h"

namespace tenantry::net {
namespace {

class AcceptorTest : public ::testing::Test {
 protected:
  void Start(int descriptor_max = 1 << 20) {
    auto listening = Listen("127.0.0.1:0");
    ASSERT_TRUE(listening.ok()) << listening.status();
    address_ = listening->sockets.front().reachable_address(size_);
    std::vector<Acceptor::Source> sources;
    sources.push_back({*std::move(listening), [this](int fd) {
                         ++taken_;  // before the client can know
                         const char byte = 'x';
                         EXPECT_EQ(write(fd, &byte, 1), 1);
                         close(fd);
                       }});
    acceptor_ = std::make_unique<Acceptor>(
        std::move(sources), Acceptor::Options{.descriptor_max = descriptor_max,
                                              .accepted = metrics_.counter("accepted", ""),
                                              .refused = metrics_.counter("refused", "")});
  }

  // A socket that is connected to the acceptor's.
  int Connect() const {
    int fd = socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address_), size_), 0);
    return fd;
  }

  // Whether a new connection is handed over.
  bool Serves() const {
    int fd = Connect();
    char byte = 0;
    const bool served = read(fd, &byte, 1) == 1;
    close(fd);
    return served;
  }

  sockaddr_storage address_{};
  socklen_t size_ = 0;
  MetricRegistry metrics_;
  std::atomic<int> taken_{0};
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, HandsConnectionsOver) {
  Start();
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(Serves());
  EXPECT_EQ(metrics_.counter("accepted", "").value(), 200);
}

TEST_F(AcceptorTest, ClosesWhatIsOverTheLimit) {
  Start(3);  // of the process's descriptors these are taken already
  EXPECT_FALSE(Serves());
  EXPECT_EQ(metrics_.counter("refused", "").value(), 1);
  EXPECT_EQ(taken_, 0);
}

TEST_F(AcceptorTest, GoesOnAfterTheProcessHadNoDescriptorsLeft) {
  Start();
  EXPECT_TRUE(Serves());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<int> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int fd : clients) {
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address_), size_), 0);
  }
  absl::SleepFor(absl::Milliseconds(200));
  EXPECT_EQ(taken_, 1);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(Serves());
  EXPECT_EQ(taken_, 22) << "those that waited are served too";
  for (int fd : clients) close(fd);
}

TEST(OpenFiles, AreCountedAndTheLimitIsRaised) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit before = limit;
  limit.rlim_cur = 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_GE(RaiseOpenFileLimit(), 256);
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, std::min<rlim_t>(before.rlim_max, 1 << 20));
  setrlimit(RLIMIT_NOFILE, &before);

  const int open = CountOpenFiles();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(CountOpenFiles(), open + 1);
  close(fd);
}

}  // namespace
}  // namespace tenantry::net
