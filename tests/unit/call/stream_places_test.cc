#include "server/call/stream_places.h"

#include "gtest/gtest.h"
#include "server/base/status.h"

namespace tenantry::call {
namespace {

TEST(StreamPlacesTest, ThereAreSoManyAndOneTenantHasThreeQuarters) {
  StreamPlaces places(4);
  auto a1 = places.Take("a"), a2 = places.Take("a"), a3 = places.Take("a");
  EXPECT_TRUE(a1.ok() && a2.ok() && a3.ok());
  const absl::Status fourth = places.Take("a").status();
  EXPECT_EQ(fourth.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(fourth), "STREAMS_FULL");
  {
    auto b = places.Take("b");
    EXPECT_TRUE(b.ok());
    EXPECT_EQ(ReasonOf(places.Take("c").status()), "STREAMS_FULL");
  }
  EXPECT_TRUE(places.Take("c").ok()) << "b's place is free again";
}

TEST(StreamPlacesTest, AnyTenantHasTheOnlyOne) {
  StreamPlaces places(1);
  {
    auto a = places.Take("a");
    EXPECT_TRUE(a.ok());
    EXPECT_FALSE(places.Take("b").ok());
  }
  EXPECT_TRUE(places.Take("b").ok());
}

}  // namespace
}  // namespace tenantry::call
