#include "server/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace tenantry {
namespace {

TEST(Utf8, AcceptsEveryLengthAndCountsCharacters) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 plain text after it";
  EXPECT_TRUE(IsValidUtf8(text));
  EXPECT_EQ(Utf8Length(text), 4 + 20u);
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
  EXPECT_TRUE(HasNul(std::string_view("a\0b", 3)));
  EXPECT_TRUE(IsValidUtf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));  // around the edges
}

TEST(Utf8, RefusesMalformedSequences) {
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf",  // overlong
        "\xe2\x82", "\xed\xa0\x80",                                               // surrogate
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xf0\x9f\x98",
        "12345678\xe2\x28\xa1", "1234567\xc3"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << text;
  }
}

}  // namespace
}  // namespace tenantry
