#include "server/serve/liveness.h"

#include <atomic>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/grpc/completion_loop.h"
#include "server/grpc/health.h"

namespace tenantry::serve {
namespace {

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

std::uint64_t NoneRefused() { return 0; }

constexpr Liveness::Options kQuick = {.interval = absl::Milliseconds(10),
                                      .timeout = absl::Milliseconds(100),
                                      .silence_max = absl::Milliseconds(300)};

TEST(Liveness, DiesWithAProbeAndComesBackWithIt) {
  std::atomic<bool> answers{true};
  Liveness liveness(
      {[&](absl::Time) { return answers ? absl::OkStatus() : absl::UnavailableError("the loop"); }},
      kQuick);
  EXPECT_TRUE(liveness.Check().ok());
  answers = false;
  EXPECT_TRUE(Eventually([&] { return !liveness.Check().ok(); }));
  EXPECT_EQ(liveness.Check().message(), "the loop");
  answers = true;
  EXPECT_TRUE(Eventually([&] { return liveness.Check().ok(); }));
  answers = false;
  liveness.Stop();
  EXPECT_TRUE(liveness.Check().ok()) << "a server that stops closes what would answer";
}

// The kernel completes the connection, and nobody ever takes it.
TEST(ProbeListener, AListenerThatDoesNotAcceptIsDead) {
  auto listening = net::Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  for (bool tls : {false, true}) {
    EXPECT_FALSE(ProbeListener(listening->sockets.front(), tls, NoneRefused,
                               absl::Now() + absl::Milliseconds(200))
                     .ok());
  }
}

TEST(ProbeListener, OneThatIsFullIsAlive) {
  auto listening = net::Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  std::uint64_t refused = 7;
  EXPECT_TRUE(ProbeListener(
                  listening->sockets.front(), false, [&] { return refused++; },
                  absl::Now() + absl::Milliseconds(200))
                  .ok());
}

class Served {
 public:
  Served() {
    grpc::ServerBuilder builder;
    loop_ = std::make_unique<rpc::CompletionLoop>(builder);
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
  }
  ~Served() {
    server_->Shutdown();
    loop_.reset();
  }
  rpc::CompletionLoop& loop() { return *loop_; }

 private:
  rpc::HealthService health_;
  std::unique_ptr<rpc::CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(CompletionLoop, ItsTurnComesOnlyWhileItRuns) {
  Served served;
  EXPECT_FALSE(served.loop().AwaitTurn(absl::Now() + absl::Milliseconds(100)));
  served.loop().Start();
  EXPECT_TRUE(served.loop().AwaitTurn(absl::Now() + absl::Seconds(30)));
}

}  // namespace
}  // namespace tenantry::serve
