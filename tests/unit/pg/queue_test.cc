#include "server/pg/queue.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/pg/transactions.h"

namespace tenantry::pg {
namespace {

std::vector<std::unique_ptr<Numbered>> Make(int count) {
  std::vector<std::unique_ptr<Numbered>> all;
  for (int i = 0; i < count; ++i) all.push_back(std::make_unique<Numbered>(i));
  return all;
}

std::vector<int> Empty(TransactionQueue& queue) {
  std::vector<int> numbers;
  while (!queue.empty()) numbers.push_back(NumberOf(queue.PopFront()));
  return numbers;
}

TEST(TransactionQueueTest, FirstInFirstOut) {
  auto all = Make(4);
  TransactionQueue queue;
  queue.PushBack(all[1].get());
  queue.PushBack(all[2].get());
  queue.PushFront(all[0].get());
  EXPECT_EQ(queue.size(), 3);
  EXPECT_EQ(Empty(queue), (Numbers{0, 1, 2}));
  queue.PushFront(all[3].get());
  queue.PushBack(all[0].get());
  EXPECT_EQ(Empty(queue), (Numbers{3, 0}));
  EXPECT_EQ(queue.size(), 0);
}

TEST(TransactionQueueTest, RemovingKeepsTheOrderOfTheRest) {
  auto all = Make(6);
  TransactionQueue queue;
  for (auto& transaction : all) queue.PushBack(transaction.get());
  Numbers removed;
  queue.RemoveIf([&](TenantTransaction* transaction) {
    const int number = NumberOf(transaction);
    if (number % 2 == 0) removed.push_back(number);
    return number % 2 == 0;
  });
  EXPECT_EQ(removed, (Numbers{0, 2, 4}));
  EXPECT_EQ(Empty(queue), (Numbers{1, 3, 5}));
}

TEST(TransactionQueueTest, RemovingLooksAtNoMoreThanItMay) {
  auto all = Make(6);
  for (int stays : {-1, 0, 1, 2}) {
    TransactionQueue queue;
    for (auto& transaction : all) queue.PushBack(transaction.get());
    int looks = 0;
    queue.RemoveIf(
        [&](TenantTransaction* transaction) {
          ++looks;
          return NumberOf(transaction) != stays;
        },
        3);
    EXPECT_EQ(looks, 3);
    EXPECT_EQ(queue.size(), stays < 0 ? 3 : 4);
    EXPECT_EQ(Empty(queue), stays < 0 ? (Numbers{3, 4, 5}) : (Numbers{stays, 3, 4, 5}));
  }
}

// The last one's place is taken by what stays: what comes next must not be lost.
TEST(TransactionQueueTest, TakesMoreAfterItsLastWasRemoved) {
  auto all = Make(4);
  for (int stays : {0, 1, 9}) {
    TransactionQueue queue;
    for (int i = 0; i < 3; ++i) queue.PushBack(all[i].get());
    queue.RemoveIf([&](TenantTransaction* transaction) { return NumberOf(transaction) != stays; });
    queue.PushBack(all[3].get());
    EXPECT_EQ(Empty(queue), stays == 9 ? (Numbers{3}) : (Numbers{stays, 3}));
  }
}

TEST(MailboxTest, KeepsTheOrderAndCloses) {
  auto all = Make(4);
  Mailbox mailbox;
  TransactionQueue queue;
  EXPECT_TRUE(mailbox.Push(all[0].get()));
  EXPECT_TRUE(mailbox.Push(all[1].get()));
  mailbox.TakeAll(&queue);
  EXPECT_TRUE(mailbox.empty());
  EXPECT_TRUE(mailbox.Push(all[2].get()));
  mailbox.Close(&queue);
  EXPECT_EQ(Empty(queue), (Numbers{0, 1, 2}));
  EXPECT_FALSE(mailbox.Push(all[3].get()));
}

TEST(MailboxTest, LosesNothingUnderManyThreads) {
  constexpr int kThreads = 4, kEach = 20'000;
  auto all = Make(kThreads * kEach);
  Mailbox mailbox;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) mailbox.Push(all[t * kEach + i].get());
    });
  }
  std::vector<int> last(kThreads, -1);
  int count = 0;
  while (count < kThreads * kEach) {
    TransactionQueue queue;
    mailbox.TakeAll(&queue);
    for (int number : Empty(queue)) {
      ASSERT_EQ(number % kEach, ++last[number / kEach]) << "each thread's in its order";
      ++count;
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(mailbox.empty());
}

}  // namespace
}  // namespace tenantry::pg
