#include "server/net/listen_socket.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool CanConnect(const ListenSocket& listener) {
  socklen_t size = 0;
  const sockaddr_storage address = listener.reachable_address(size);
  int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0;
  close(fd);
  return connected;
}

TEST(ListenSocket, TakesAFreePortAndSaysWhich) {
  for (const char* host : {"127.0.0.1", "localhost", "0.0.0.0"}) {
    auto listening = Listen(std::string(host) + ":0");
    ASSERT_TRUE(listening.ok()) << listening.status();
    EXPECT_GT(listening->sockets.front().port(), 0);
    EXPECT_EQ(listening->address,
              std::string(host) + ":" + std::to_string(listening->sockets.front().port()));
    for (const ListenSocket& socket : listening->sockets) EXPECT_TRUE(CanConnect(socket)) << host;
  }
}

TEST(ListenSocket, SharesNoPort) {
  auto first = Listen("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string port = std::to_string(first->sockets.front().port());
  for (const char* host : {"127.0.0.1:", "localhost:", "0.0.0.0:", "[::]:"}) {
    auto second = Listen(host + port);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable) << host;
    EXPECT_THAT(std::string(second.status().message()),
                AllOf(HasSubstr(host + port), HasSubstr("Address already in use"),
                      HasSubstr("another process listens there")));
  }
}

TEST(ListenSocket, SaysWhyAnAddressCannotBeTaken) {
  struct Case {
    const char* address;
    absl::StatusCode code;
    const char* why;
  };
  const Case cases[] = {
      {"nowhere", absl::StatusCode::kInvalidArgument, "host:port"},
      {":7070", absl::StatusCode::kInvalidArgument, "host:port"},
      {"127.0.0.1:99999", absl::StatusCode::kInvalidArgument, "0 to 65535"},
      {"127.0.0.1:grpc", absl::StatusCode::kInvalidArgument, "0 to 65535"},
      {"192.0.2.1:0", absl::StatusCode::kUnavailable, "no such address"},
      {"no.such.host.invalid:0", absl::StatusCode::kUnavailable, "cannot be resolved"},
      {"unix:/no/such/folder/socket", absl::StatusCode::kUnavailable, "folder does not exist"},
      {"unix:", absl::StatusCode::kInvalidArgument, "1 to 107 characters"},
  };
  for (const Case& c : cases) {
    absl::Status status = Listen(c.address).status();
    EXPECT_EQ(status.code(), c.code) << c.address << ": " << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(c.address), HasSubstr(c.why)));
  }
}

class UnixSocket : public ::testing::Test {
 protected:
  ~UnixSocket() override { unlink(path_.c_str()); }
  const std::string path_ = ::testing::TempDir() + "/listen-" + std::to_string(getpid());
  const std::string address_ = "unix:" + path_;
};

TEST_F(UnixSocket, ItsFileIsNotTakenFromAnotherListenerAndGoesWithIt) {
  {
    auto first = Listen(address_);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(first->address, address_);
    auto second = Listen(address_);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr("another process listens there"));
    EXPECT_TRUE(CanConnect(first->sockets.front()));
  }
  EXPECT_FALSE(Exists(path_));
}

TEST_F(UnixSocket, ALeftOverFileIsReplaced) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strcpy(name.sun_path, path_.c_str());
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  close(fd);
  ASSERT_TRUE(Exists(path_));
  auto listening = Listen(address_);
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_TRUE(CanConnect(listening->sockets.front()));
}

TEST_F(UnixSocket, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_THAT(std::string(Listen(address_).status().message()), HasSubstr("not a socket"));
  EXPECT_TRUE(Exists(path_));
}

TEST_F(UnixSocket, ASuccessorsFileIsLeftAlone) {
  auto first = Listen(address_);
  ASSERT_TRUE(first.ok()) << first.status();
  unlink(path_.c_str());
  auto second = Listen(address_);
  ASSERT_TRUE(second.ok()) << second.status();
  first->sockets.clear();
  EXPECT_TRUE(CanConnect(second->sockets.front()));
}

}  // namespace
}  // namespace tenantry::net
