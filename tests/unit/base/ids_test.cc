#include "server/base/ids.h"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace tenantry {
namespace {

TEST(Uuid, ParsesEitherCaseAndFormatsLowerCase) {
  std::array<std::uint8_t, 16> bytes;
  ASSERT_TRUE(ParseUuid("01920000-0000-7000-8000-0000DEADbeef", bytes.data()));
  EXPECT_EQ(bytes[0], 0x01);
  EXPECT_EQ(bytes[6], 0x70);
  EXPECT_EQ(bytes[15], 0xef);
  EXPECT_EQ(FormatUuid(bytes), "01920000-0000-7000-8000-0000deadbeef");
}

TEST(Uuid, RefusesEverythingElse) {
  std::uint8_t bytes[16];
  for (const char* text :
       {"", "0192000000007000800000000000beef", "{01920000-0000-7000-8000-0000deadbee}",
        "01920000-0000-7000-8000-0000deadbeeg", "01920000-0000-7000-8000_0000deadbeef",
        "01920000-0000-7000-8000-0000deadbeef ", "01920000-0000-7000-8000-0000deadbe\xc3\xa9",
        "0192-000000007000-8000-0000deadbeef0"}) {
    EXPECT_FALSE(ParseUuid(text, bytes)) << text;
  }
}

TEST(IdGenerator, LaysOutUuidV7AsRfc9562) {
  // The example of RFC 9562, appendix A.6, without its sub-millisecond part.
  IdGenerator ids({.now = [] { return absl::FromUnixMillis(0x017F22E279B0); },
                   .random = [] { return ~std::uint64_t{0}; }});
  EXPECT_EQ(FormatUuid(ids.UuidV7()), "017f22e2-79b0-7000-bfff-ffffffffffff");
  EXPECT_EQ(FormatUuid(ids.UuidV7()), "017f22e2-79b0-7001-bfff-ffffffffffff");
}

TEST(IdGenerator, IncreasesWhenTheClockGoesBack) {
  std::int64_t now_ms = 1'700'000'000'000;
  IdGenerator ids({.now = [&] { return absl::FromUnixMillis(now_ms); }, .random = {}});
  std::string last = FormatUuid(ids.UuidV7());
  char ulid[26];
  ids.Ulid(ulid);
  std::string last_ulid(ulid, 26);
  for (int i = 0; i < 10'000; ++i) {
    now_ms -= i % 7;
    std::string next = FormatUuid(ids.UuidV7());
    ASSERT_LT(last, next);
    last = next;
    ids.Ulid(ulid);
    ASSERT_LT(last_ulid, std::string(ulid, 26));
    last_ulid.assign(ulid, 26);
  }
}

TEST(IdGenerator, MakesValidUlidsThatCarryTheTime) {
  IdGenerator ids({.now = [] { return absl::FromUnixMillis(1469922850259); }, .random = {}});
  char ulid[26];
  ids.Ulid(ulid);
  // The ULID specification's own example is of this millisecond.
  EXPECT_EQ(std::string(ulid, 10), "01ARZ3NDEK");
  EXPECT_TRUE(IsValidUlid(std::string_view(ulid, 26)));
}

TEST(IdGenerator, NeverRepeatsAcrossThreads) {
  IdGenerator ids;
  std::vector<std::vector<std::array<std::uint8_t, 16>>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(ids.UuidV7());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::array<std::uint8_t, 16>> all;
  for (auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 20'000u);
}

TEST(Ulid, Validates) {
  EXPECT_TRUE(IsValidUlid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  EXPECT_TRUE(IsValidUlid("01arz3ndektsv4rrffq69g5fav"));
  EXPECT_TRUE(IsValidUlid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  EXPECT_FALSE(IsValidUlid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  EXPECT_FALSE(IsValidUlid("01ARZ3NDEKTSV4RRFFQ69G5FA"));
  EXPECT_FALSE(IsValidUlid("01ARZ3NDEKTSV4RRFFQ69G5FAU"));
  EXPECT_FALSE(IsValidUlid("01ARZ3NDEKTSV4RRFFQ69G5FA\xff"));
}

}  // namespace
}  // namespace tenantry
