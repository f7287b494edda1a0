#include "server/pg/route.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace tenantry::pg {
namespace {

TEST(RouteTest, TheTableHasEachRouteInItsPlace) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
    EXPECT_EQ(kRoutes[i].route, static_cast<Route>(i));
    EXPECT_EQ(&InfoOf(kRoutes[i].route), &kRoutes[i]);
    names.insert(std::string(kRoutes[i].endpoint) + "/" + kRoutes[i].purpose);
  }
  EXPECT_EQ(names.size(), kRoutes.size()) << "two routes would share a gauge";
}

TEST(RouteTest, EachRouteHasALimitOfItsOwn) {
  ExecutorOptions options;
  options.connections_per_lane = 5;
  options.write_connections_per_lane = 6;
  options.interactive_connections_max = 7;
  options.stream_connections_max = 8;
  EXPECT_EQ(ConnectionsMax(Route::kReads, options), 5);
  EXPECT_EQ(ConnectionsMax(Route::kWrites, options), 6);
  EXPECT_EQ(ConnectionsMax(Route::kInteractive, options), 7);
  EXPECT_EQ(ConnectionsMax(Route::kStreams, options), 8);
}

TEST(RouteTest, WritesTakeTheirOwnRouteOrThatOfReads) {
  ExecutorOptions options;
  EXPECT_EQ(RouteFor(Access::kReadOnly, options), Route::kReads);
  EXPECT_EQ(RouteFor(Access::kReadWrite, options), Route::kWrites);
  options.write_connections_per_lane = 0;
  EXPECT_EQ(RouteFor(Access::kReadOnly, options), Route::kReads);
  EXPECT_EQ(RouteFor(Access::kReadWrite, options), Route::kReads);
}

class SlotTest : public ::testing::Test {
 protected:
  SlotTest() {
    for (std::size_t i = 0; i < kRoutes.size(); ++i) pointers_[static_cast<Route>(i)] = &gauges_[i];
  }
  std::int64_t Open(Route route) { return pointers_[route]->value(); }

  std::array<Gauge, kRoutes.size()> gauges_;
  ByRoute<Gauge*> pointers_;
  OpenConnections open_{pointers_};
};

TEST_F(SlotTest, AConnectionIsCountedForAsLongAsItsSlotExists) {
  {
    const OpenConnections::Slot read = open_.Add(Route::kReads);
    const OpenConnections::Slot other = open_.Add(Route::kReads);
    const OpenConnections::Slot write = open_.Add(Route::kWrites);
    EXPECT_EQ(write.route(), Route::kWrites);
    EXPECT_EQ(open_.total(), 3);
    EXPECT_EQ(Open(Route::kReads), 2);
    EXPECT_EQ(Open(Route::kWrites), 1);
    EXPECT_EQ(Open(Route::kInteractive), 0);
  }
  EXPECT_EQ(open_.total(), 0);
  for (const Gauge& gauge : gauges_) EXPECT_EQ(gauge.value(), 0);
}

TEST_F(SlotTest, MovingItCountsItOnce) {
  std::optional<OpenConnections::Slot> first = open_.Add(Route::kWrites);
  OpenConnections::Slot second(*std::move(first));
  EXPECT_EQ(open_.total(), 1);
  first.reset();
  EXPECT_EQ(open_.total(), 1);
  EXPECT_EQ(second.route(), Route::kWrites);
  std::vector<OpenConnections::Slot> many;
  for (int i = 0; i < 100; ++i) many.push_back(open_.Add(Route::kReads));
  EXPECT_EQ(open_.total(), 101);
  second = std::move(many.back());  // what it was before is given up
  many.clear();
  EXPECT_EQ(open_.total(), 1);
  EXPECT_EQ(Open(Route::kWrites), 0);
  EXPECT_EQ(Open(Route::kReads), 1);
}

TEST_F(SlotTest, OfNoConnectionNothingIsCounted) {
  { OpenConnections::Slot none, moved(std::move(none)); }
  EXPECT_EQ(open_.total(), 0);
}

}  // namespace
}  // namespace tenantry::pg
