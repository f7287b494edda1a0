#include "server/plan/page_token.h"

#include <random>

#include "gtest/gtest.h"

namespace tenantry::plan {
namespace {

TEST(PageTokenTest, RoundTrips) {
  const Cursor cursor = {std::string("\0\1\2\377", 4), std::nullopt, "", "text"};
  for (bool backward : {false, true}) {
    for (bool including : {false, true}) {
      const auto token =
          DecodePageToken(EncodePageToken({0xfedcba9876543210, cursor, backward, including}));
      ASSERT_TRUE(token.has_value());
      EXPECT_EQ(token->fingerprint, 0xfedcba9876543210);
      EXPECT_EQ(token->cursor, cursor);
      EXPECT_EQ(token->backward, backward);
      EXPECT_EQ(token->including, including);
    }
  }
}

TEST(PageTokenTest, IsUrlSafe) {
  const std::string token = EncodePageToken({~0ull, {std::string(64, '\377')}});
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

TEST(PageTokenTest, AnyDamageIsFound) {
  const std::string good = EncodePageToken({42, {"0123456789abcdef"}});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    if (bad == good) continue;
    EXPECT_FALSE(DecodePageToken(bad).has_value()) << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodePageToken(std::string_view(good).substr(0, size)).has_value()) << size;
  }
}

TEST(PageTokenTest, HasOneSpelling) {
  for (int size : {14, 15, 16}) {  // each number of characters that base64 may end with
    const std::string good = EncodePageToken({42, {std::string(size, 'x')}});
    ASSERT_TRUE(DecodePageToken(good).has_value());
    EXPECT_EQ(good.size(), PageTokenSize(1, size));
    for (const char* more : {"=", "==", " ", "\n", "A"}) {
      EXPECT_FALSE(DecodePageToken(good + more).has_value()) << size << more;
    }
    EXPECT_FALSE(DecodePageToken(" " + good).has_value());
    for (char last = '0'; last <= 'z'; ++last) {
      const std::string other = good.substr(0, good.size() - 1) + last;
      EXPECT_EQ(DecodePageToken(other).has_value(), other == good) << size << last;
    }
  }
}

TEST(PageTokenTest, RandomTextIsRefused) {
  std::mt19937 random(20261121);
  for (int i = 0; i < 10000; ++i) {
    std::string text(random() % 60, 'A');
    for (char& c : text) c = static_cast<char>(random());
    EXPECT_FALSE(DecodePageToken(text).has_value());
  }
}

}  // namespace
}  // namespace tenantry::plan
