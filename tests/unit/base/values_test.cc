#include "server/base/values.h"

#include <gtest/gtest.h>

#include <limits>

namespace tenantry {
namespace {

TEST(Decimal, Parts) {
  const auto decimal = ParseDecimal("-0012.500");
  ASSERT_TRUE(decimal.has_value());
  EXPECT_TRUE(decimal->negative);
  EXPECT_EQ(decimal->whole, "12");
  EXPECT_EQ(decimal->fraction, "500");
  EXPECT_EQ(decimal->significant_fraction(), "5");
  EXPECT_EQ(ParseDecimal("0.000")->significant_fraction(), "");
  EXPECT_EQ(ParseDecimal("000")->whole, "");
}

TEST(Decimal, Forms) {
  for (const char* good : {"0", "-0", "+1", "1.", ".5", "-.5", "00.10"}) {
    EXPECT_TRUE(ParseDecimal(good)) << good;
  }
  for (const char* bad : {"", "-", "+", ".", "-.", "1e5", "NaN", "Infinity", "-inf", "1,5", " 1",
                          "1 ", "--1", "1.2.3", "0x1", "1_000", "\xd9\xa1"}) {
    EXPECT_FALSE(ParseDecimal(bad)) << bad;
  }
}

int Order(const char* text, std::int64_t number) { return Compare(*ParseDecimal(text), number); }

TEST(Decimal, ComparesWithDecimals) {
  const auto order = [](const char* a, const char* b) {
    return Compare(*ParseDecimal(a), *ParseDecimal(b));
  };
  EXPECT_EQ(order("0", "-0.00"), 0);
  EXPECT_EQ(order("1.50", "01.5"), 0);
  EXPECT_LT(order("1.45", "1.5"), 0);
  EXPECT_GT(order("1.5", "1.45"), 0);
  EXPECT_LT(order("9", "10"), 0);
  EXPECT_GT(order("-9", "-10"), 0);
  EXPECT_LT(order("-0.5", "-0.45"), 0);
  EXPECT_LT(order("-1", "0"), 0);
  EXPECT_GT(order("0.000000000000000000000001", "0"), 0);
  EXPECT_LT(order("123456789012345678901234567890.1", "123456789012345678901234567890.11"), 0);
}

TEST(Decimal, ComparesExactly) {
  EXPECT_EQ(Order("5", 5), 0);
  EXPECT_EQ(Order("+05.00", 5), 0);
  EXPECT_GT(Order("5.01", 5), 0);
  EXPECT_LT(Order("4.99", 5), 0);
  EXPECT_EQ(Order("0", 0), 0);
  EXPECT_EQ(Order("-0.00", 0), 0);
  EXPECT_LT(Order("-0.01", 0), 0);
  EXPECT_GT(Order("0.01", 0), 0);
  EXPECT_LT(Order("-5.01", -5), 0);
  EXPECT_GT(Order("-4.99", -5), 0);
  EXPECT_LT(Order("-6", 5), 0);
  EXPECT_GT(Order("6", -5), 0);
  // Closer together than doubles tell apart.
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(Order("9223372036854775807", kMax), 0);
  EXPECT_GT(Order("9223372036854775807.0000000000000000001", kMax), 0);
  EXPECT_GT(Order("9223372036854775808", kMax), 0);
  EXPECT_EQ(Order("-9223372036854775808", kMin), 0);
  EXPECT_LT(Order("-9223372036854775809", kMin), 0);
  EXPECT_GT(Order("-9223372036854775807.9", kMin), 0);
}

TEST(Date, Forms) {
  EXPECT_EQ(ParseDate("2024-02-29"), absl::CivilDay(2024, 2, 29));
  EXPECT_TRUE(ParseDate("0000-01-01"));
  for (const char* bad : {"", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "10000-01-01",
                          "2024-01-01 ", "-024-01-01", "2024/01/01", "infinity"}) {
    EXPECT_FALSE(ParseDate(bad)) << bad;
  }
}

}  // namespace
}  // namespace tenantry
