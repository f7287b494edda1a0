#include "server/pg/backlog.h"

#include <deque>

#include "gtest/gtest.h"
#include "tests/unit/pg/transactions.h"

namespace tenantry::pg {
namespace {

class BacklogTest : public ::testing::Test {
 protected:
  // They come one second after the other and have plenty of time.
  Numbered& Add(identity::Identity identity, Access access = Access::kReadOnly) {
    Numbered& made = all_.emplace_back(static_cast<int>(all_.size()), std::move(identity), access);
    made.may_share = true;
    made.queued_at = now_ + absl::Seconds(made.number);
    backlog_.Add(&made);
    return made;
  }
  Numbers Take(Access access = Access::kReadOnly, int size_max = 100) {
    Numbers numbers;
    TransactionQueue& queue =
        *backlog_.First(access == Access::kReadOnly, access == Access::kReadWrite);
    for (TenantTransaction* transaction : backlog_.Take(queue, size_max, now_)) {
      numbers.push_back(NumberOf(transaction));
    }
    return numbers;
  }
  Numbers TakeRest() {
    Numbers numbers;
    while (TransactionQueue* queue = backlog_.First(true, true)) {
      numbers.push_back(NumberOf(backlog_.Take(*queue, 1, now_).front()));
    }
    return numbers;
  }

  absl::Time now_ = absl::UnixEpoch();
  ExecutorOptions options_;
  Backlog backlog_{options_};
  std::deque<Numbered> all_;
};

TEST_F(BacklogTest, TheOldestGoesFirstOfWhatMayGo) {
  EXPECT_EQ(backlog_.First(true, true), nullptr);
  Add(IdentityMaker::Of(1), Access::kReadWrite);
  Add(IdentityMaker::Of(1));
  Add(IdentityMaker::Of(1), Access::kReadWrite);
  EXPECT_EQ(NumberOf(backlog_.First(true, true)->front()), 0);
  EXPECT_EQ(NumberOf(backlog_.First(true, false)->front()), 1);
  EXPECT_EQ(NumberOf(backlog_.First(false, true)->front()), 0);
  EXPECT_EQ(backlog_.First(false, false), nullptr);
  EXPECT_EQ(TakeRest(), (Numbers{0, 1, 2}));
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, WhatIsPutBackGoesFirst) {
  for (int i = 0; i < 3; ++i) Add(IdentityMaker::Of(i));
  const Group group = backlog_.Take(*backlog_.First(true, true), 1, now_);
  backlog_.PutBack(group[0]);
  EXPECT_EQ(TakeRest(), (Numbers{0, 1, 2}));
}

TEST_F(BacklogTest, OneCallersReadsGoTogetherAndTheRestKeepsItsOrder) {
  for (int tenant : {1, 2, 1, 3, 2, 1}) Add(IdentityMaker::Of(tenant));
  EXPECT_EQ(Take(), (Numbers{0, 2, 5}));
  EXPECT_EQ(Take(), (Numbers{1, 4}));
  EXPECT_EQ(Take(), (Numbers{3}));
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, EveryPartOfAnIdentityCounts) {
  Add(IdentityMaker::Of(1, "ann", "admin", "{}"));
  Add(IdentityMaker::Of(2, "ann", "admin", "{}"));
  Add(IdentityMaker::Of(1, "bob", "admin", "{}"));
  Add(IdentityMaker::Of(1, "ann", "support", "{}"));
  Add(IdentityMaker::Of(1, "ann", "admin", "{ }"));
  Add(IdentityMaker::Of(1, "ann", "admin", "{}"));
  EXPECT_EQ(Take(), (Numbers{0, 5}));
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(Take(), Numbers{i});
}

TEST_F(BacklogTest, NoMoreThanAskedFor) {
  for (int i = 0; i < 5; ++i) Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(Access::kReadOnly, 3), (Numbers{0, 1, 2}));
  EXPECT_EQ(Take(Access::kReadOnly, 1), Numbers{3});
  EXPECT_EQ(Take(Access::kReadOnly, 0), Numbers{4}) << "the first always goes";
}

TEST_F(BacklogTest, WritesGoAlone) {
  Add(IdentityMaker::Of(1), Access::kReadWrite);
  Add(IdentityMaker::Of(1), Access::kReadWrite);
  Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(Access::kReadWrite), Numbers{0});
  EXPECT_EQ(Take(Access::kReadOnly), Numbers{2});
}

TEST_F(BacklogTest, WhatMayNotShareGoesAlone) {
  Add(IdentityMaker::Of(1)).may_share = false;
  Add(IdentityMaker::Of(1));
  Add(IdentityMaker::Of(1)).may_share = false;
  Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(), Numbers{0});
  EXPECT_EQ(Take(), (Numbers{1, 3}));
  EXPECT_EQ(Take(), Numbers{2});
}

TEST_F(BacklogTest, WhatWasSentBeforeGoesAlone) {
  Add(IdentityMaker::Of(1));
  Add(IdentityMaker::Of(1)).sent_at = now_ + absl::Seconds(1);
  Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(), (Numbers{0, 2}));
  Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(), Numbers{1});
}

TEST_F(BacklogTest, TimesLeftMustBeSimilar) {
  for (int seconds : {10, 20, 21, 5, 4, -1}) {
    Add(IdentityMaker::Of(1)).deadline = now_ + absl::Seconds(seconds);
  }
  EXPECT_EQ(Take(), (Numbers{0, 1, 3}));
  EXPECT_EQ(Take(), Numbers{2});
  EXPECT_EQ(Take(), Numbers{4});
  EXPECT_EQ(Take(), Numbers{5}) << "what is too late has no company";
}

// The longest that a statement may run is all that a patient caller has.
TEST_F(BacklogTest, TimesBeyondTheLongestStatementAreAlike) {
  Add(IdentityMaker::Of(1)).deadline = now_ + options_.statement_timeout_max / 2;
  Add(IdentityMaker::Of(1)).deadline = now_ + 100 * options_.statement_timeout_max;
  Add(IdentityMaker::Of(1)).deadline = absl::InfiniteFuture();
  EXPECT_EQ(Take(), (Numbers{0, 1, 2}));
}

// What waits is not looked through to its end for each that goes.
TEST_F(BacklogTest, LooksOnlySoFar) {
  Add(IdentityMaker::Of(1));
  for (int i = 0; i < 100; ++i) Add(IdentityMaker::Of(2));
  Add(IdentityMaker::Of(1));
  EXPECT_EQ(Take(), Numbers{0});
}

TEST_F(BacklogTest, WhatIsHeldBackStandsInItsTenantsLine) {
  for (int tenant : {1, 1, 2, 1, 3}) Add(IdentityMaker::Of(tenant), Access::kReadWrite);
  Add(IdentityMaker::Of(1));
  for (int i = 0; i < 2; ++i) backlog_.HoldBack(*backlog_.First(false, true));
  EXPECT_EQ(Take(Access::kReadWrite), Numbers{2}) << "others go past them";
  backlog_.HoldBack(*backlog_.First(false, true));
  backlog_.HoldBack(*backlog_.First(false, true));
  EXPECT_EQ(TakeRest(), Numbers{5}) << "reads have a line of their own";
  EXPECT_FALSE(backlog_.empty());
  std::vector<Numbers> lines;
  auto take_line = [&](TransactionQueue& line) {
    lines.emplace_back();
    while (!line.empty()) lines.back().push_back(NumberOf(line.PopFront()));
  };
  backlog_.VisitLines(take_line);
  EXPECT_EQ(lines, (std::vector<Numbers>{{0, 1, 3}, {4}}));
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, RemovesFromLinesToo) {
  for (int i = 0; i < 3; ++i) Add(IdentityMaker::Of(1));
  backlog_.HoldBack(*backlog_.First(true, false));
  backlog_.HoldBack(*backlog_.First(true, false));
  backlog_.RemoveIf([](TenantTransaction* transaction) { return NumberOf(transaction) == 0; });
  Numbers left;
  backlog_.VisitLines([&](TransactionQueue& line) { left.push_back(NumberOf(line.PopFront())); });
  EXPECT_EQ(left, Numbers{1});
  backlog_.RemoveIf([](TenantTransaction*) { return true; });
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, RemovesFromReadsAndWrites) {
  for (int i = 0; i < 3; ++i) {
    Add(IdentityMaker::Of(1));
    Add(IdentityMaker::Of(1), Access::kReadWrite);
  }
  backlog_.RemoveIf([](TenantTransaction* transaction) { return NumberOf(transaction) > 1; });
  EXPECT_EQ(TakeRest(), (Numbers{0, 1}));
}

}  // namespace
}  // namespace tenantry::pg
