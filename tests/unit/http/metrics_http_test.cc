#include "server/http/metrics_http.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::http {
namespace {

using ::testing::HasSubstr;

class MetricsHttpTest : public ::testing::Test {
 protected:
  void Start(absl::Duration connection_time_max, int connections_max) {
    auto listening = net::Listen("127.0.0.1:0");
    ASSERT_TRUE(listening.ok()) << listening.status();
    port_ = listening->sockets.front().port();
    auto http = MetricsHttp::Start(
        *std::move(listening), metrics_,
        {.why_not_ready =
             [this] { return std::string(ready_ ? "" : "unsafe: no row-level security"); },
         .alive =
             [this] {
               return alive_ ? absl::OkStatus() : absl::UnavailableError("a test says so");
             },
         .connection_time_max = connection_time_max,
         .connections_max = connections_max});
    ASSERT_TRUE(http.ok()) << http.status();
    http_ = *std::move(http);
  }
  void Start() { Start(absl::Seconds(60), 64); }

  // 0: no answer.
  int Status(const char* path) {
    const auto response = Client().Get(path);
    return response ? response->status : 0;
  }

  httplib::Client Client() { return httplib::Client("http://" + http_->address()); }

  int Connect() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  MetricRegistry metrics_;
  std::atomic<bool> ready_{false}, alive_{true};
  int port_ = 0;
  std::unique_ptr<MetricsHttp> http_;
};

TEST_F(MetricsHttpTest, AnswersMachinesThatWatch) {
  metrics_.counter("things_total", "Things.").Add(3);
  Start();
  EXPECT_THAT(http_->address(), ::testing::Not(HasSubstr(":0")));
  auto client = Client();
  auto page = client.Get("/metrics");
  ASSERT_TRUE(page);
  EXPECT_THAT(page->body, HasSubstr("things_total 3\n"));
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  auto unready = client.Get("/readyz");
  EXPECT_EQ(unready->status, 503);
  EXPECT_EQ(unready->body, "unsafe: no row-level security\n");
  ready_ = true;
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  EXPECT_EQ(client.Head("/healthz")->status, 200);
  EXPECT_EQ(client.Post("/healthz", "x", "text/plain")->status, 405);
  alive_ = false;
  auto dead = client.Get("/healthz");
  EXPECT_EQ(dead->status, 503);
  EXPECT_THAT(dead->body, HasSubstr("a test says so"));
}

// Clients that send their request byte by byte, which no wait for the next byte would ever end.
class Drip {
 public:
  explicit Drip(std::vector<int> fds)
      : fds_(std::move(fds)), thread_([this] {
          while (!stop_) {
            for (int fd : fds_) send(fd, "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
            absl::SleepFor(absl::Milliseconds(20));
          }
        }) {}
  ~Drip() {
    stop_ = true;
    thread_.join();
    for (int fd : fds_) close(fd);
  }
  // How many the server has closed.
  int Ended() const {
    int ended = 0;
    char byte;
    for (int fd : fds_) ended += recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
    return ended;
  }

 private:
  const std::vector<int> fds_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

TEST_F(MetricsHttpTest, SlowClientsHoldUpNobodyAndAreEnded) {
  Start(absl::Milliseconds(600), 64);
  std::vector<int> fds;
  for (int i = 0; i < 20; ++i) fds.push_back(Connect());
  Drip drip(std::move(fds));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Status("/healthz"), 200);
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (drip.Ended() < 20 && absl::Now() < until) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(drip.Ended(), 20);
}

TEST_F(MetricsHttpTest, TheOldestConnectionsGiveWayToTheNewest) {
  Start(absl::Seconds(600), 8);
  std::vector<int> fds;
  for (int i = 0; i < 100; ++i) fds.push_back(Connect());
  Drip drip(std::move(fds));
  EXPECT_EQ(Status("/healthz"), 200);
  EXPECT_GE(drip.Ended(), 80);
}

}  // namespace
}  // namespace tenantry::http
