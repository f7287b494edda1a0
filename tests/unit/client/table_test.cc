#include "client/cli/table.h"

#include "client/cli/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TextTest, ControlCharactersAreWrittenOut) {
  EXPECT_EQ(Printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(Printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(Printable("\xc2\x9b"), "\\x9b") << "the one-byte escape of ISO 6429";
  EXPECT_EQ(Printable("\xe2\x80\xae"
                      "abc"),
            "\\u202eabc")
      << "right-to-left override";
  EXPECT_EQ(Printable("caf\xc3\xa9"), "caf\xc3\xa9");
}

TEST(TextTest, BytesThatAreNotUtf8AreReplaced) {
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad)) << bad;
    EXPECT_TRUE(IsUtf8(Printable(bad)));
  }
  EXPECT_TRUE(IsUtf8("\xf0\x9f\x98\x80"));
  EXPECT_TRUE(IsUtf8(""));
}

TEST(TextTest, WidthCountsTerminalColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("caf\xc3\xa9"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u) << "combining accent";
  EXPECT_EQ(DisplayWidth("\xe6\x97\xa5\xe6\x9c\xac"), 4u) << "two wide characters";
}

TEST(TextTest, TruncateNeverCutsACharacter) {
  EXPECT_EQ(Truncate("abcdef", 6), "abcdef");
  EXPECT_EQ(Truncate("abcdef", 4), "abc\xe2\x80\xa6");
  EXPECT_EQ(Truncate("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 4), "\xe6\x97\xa5\xe2\x80\xa6");
  EXPECT_EQ(Truncate("abc", 0), "");
}

Table Contacts() {
  Table table;
  table.columns = {{"id", false, true}, {"name"}, {"age", true}, {"notes"}, {"phone"}};
  table.rows = {{"0192-1", "Ada", "36", "", "+1"},
                {"0192-2", "Grace Brewster Murray Hopper", "7", "", ""}};
  return table;
}

TEST(TableTest, AlignsAndLeavesOutEmptyColumns) {
  EXPECT_EQ(RenderTable(Contacts(), {}),
            "id      name                          age  phone\n"
            "0192-1  Ada                            36  +1\n"
            "0192-2  Grace Brewster Murray Hopper    7  \n");
}

TEST(TableTest, CutsTheWidestColumnToFit) {
  const std::string text = RenderTable(Contacts(), {.width = 40});
  EXPECT_THAT(text, HasSubstr("Grace Brewster Murr\xe2\x80\xa6"));
  EXPECT_THAT(text, HasSubstr("0192-2"));
  EXPECT_THAT(text, Not(HasSubstr("too narrow")));
}

TEST(TableTest, LeavesOutColumnsFromTheRightWhenCuttingDoesNotDo) {
  EXPECT_EQ(RenderTable(Contacts(), {.width = 20}),
            "id      name\n"
            "0192-1  Ada\n"
            "0192-2  Grace Brews\xe2\x80\xa6\n"
            "(too narrow for age, phone; choose with --columns, or -o json)\n");
}

TEST(TableTest, TitlesAloneWhenThereAreNoRows) {
  Table table = Contacts();
  table.rows.clear();
  EXPECT_EQ(RenderTable(table, {}), "id  name  age  notes  phone\n");
}

}  // namespace
}  // namespace tenantry::cli
