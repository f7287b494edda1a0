#include "server/grpc/probe.h"

#include <cstdint>
#include <memory>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "server/grpc/completion_loop.h"
#include "server/grpc/health.h"

namespace tenantry::rpc {
namespace {

std::uint64_t NoneRefused() { return 0; }

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
    loop_ = std::make_unique<CompletionLoop>(builder);
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
  }
  ~Served() {
    server_->Shutdown();
    loop_.reset();
  }
  CompletionLoop& loop() { return *loop_; }

 private:
  HealthService health_;
  std::unique_ptr<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(CompletionLoop, ItsTurnComesOnlyWhileItRuns) {
  Served served;
  EXPECT_FALSE(served.loop().AwaitTurn(absl::Now() + absl::Milliseconds(100)));
  served.loop().Start();
  EXPECT_TRUE(served.loop().AwaitTurn(absl::Now() + absl::Seconds(30)));
}

}  // namespace
}  // namespace tenantry::rpc
