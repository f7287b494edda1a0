#include "server/call/worker_pool.h"

#include <atomic>
#include <memory>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace tenantry::call {
namespace {

TEST(WorkerPool, RefusesWhenItsQueueIsFull) {
  absl::Notification started, go;
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.TryRun([&] {
    started.Notify();
    go.WaitForNotification();
  }));
  started.WaitForNotification();
  EXPECT_TRUE(pool.TryRun([] {}));
  EXPECT_TRUE(pool.TryRun([] {}));
  EXPECT_FALSE(pool.TryRun([] {}));
  go.Notify();
}

TEST(WorkerPool, FinishesWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done{0};
  auto pool = std::make_unique<WorkerPool>(2, 100);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool->TryRun([&] { ++done; }));
  pool.reset();
  EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace tenantry::call
